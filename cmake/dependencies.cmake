# Debian's packages, the same names on Debian 12 and 13. scripts/install-packages holds
# the package list.

find_package(PkgConfig REQUIRED)
# 1.81 is Debian 12's newer Boost, 1.83 is Debian 13's; header-only use throughout.
find_package(Boost 1.81 REQUIRED CONFIG)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(Threads REQUIRED)
pkg_check_modules(PSL REQUIRED IMPORTED_TARGET libpsl)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)

# mimetic ships neither a .pc file nor a CMake config.
find_library(MIMETIC_LIBRARY mimetic REQUIRED)
find_path(MIMETIC_INCLUDE mimetic/mimetic.h REQUIRED)
add_library(mimetic INTERFACE)
target_include_directories(mimetic SYSTEM INTERFACE ${MIMETIC_INCLUDE})
target_link_libraries(mimetic INTERFACE ${MIMETIC_LIBRARY})

target_link_libraries(tlsrptd_flags INTERFACE Boost::headers Threads::Threads)

if(NOT TLSRPTD_PURE_ONLY)
  find_package(SQLite3 REQUIRED)
  find_package(spdlog REQUIRED CONFIG)
  find_package(CLI11 REQUIRED CONFIG)
  # The core alone: its package also asks for civetweb and curl, which we do not link.
  find_package(prometheus-cpp REQUIRED CONFIG)
  pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx)
  pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
  find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
  add_library(tomlplusplus INTERFACE)
  target_include_directories(tomlplusplus SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})
  target_compile_definitions(tomlplusplus INTERFACE TOML_HEADER_ONLY=1)

  # libunbound has no .pc file on Debian 12.
  find_library(UNBOUND_LIBRARY unbound REQUIRED)
  find_path(UNBOUND_INCLUDE unbound.h REQUIRED)
  add_library(unbound INTERFACE)
  target_include_directories(unbound SYSTEM INTERFACE ${UNBOUND_INCLUDE})
  target_link_libraries(unbound INTERFACE ${UNBOUND_LIBRARY})

  # Asio is compiled once, in base/net/asio_impl.cc.
  add_library(asio INTERFACE)
  target_compile_definitions(asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION
    BOOST_ASIO_NO_DEPRECATED)
  target_link_libraries(asio INTERFACE OpenSSL::SSL OpenSSL::Crypto)

  # For the page: libjs-chart.js on Debian. Chart.js 4 calls the same file chart.umd.js.
  find_file(CHART_JS NAMES chart.min.js chart.umd.js
    PATHS /usr/share/javascript/chart.js NO_DEFAULT_PATH REQUIRED)
endif()
