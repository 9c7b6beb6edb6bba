// The parts of Asio that need compiling, once for the whole program
// (BOOST_ASIO_SEPARATE_COMPILATION is set by the `asio` target).
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
