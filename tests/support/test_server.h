// One embedded PostgreSQL per test program, and a database per test. Roles belong to the
// server, everything else to the test.
//
//   TestDatabase db = MakeEmptyDatabase();
//   auto connection = OpenOrDie(db.dsn());
//
// The server starts with the first use, without fsync, and stops with the program.
#pragma once

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "store/embedded/admin_sql.h"
#include "store/embedded/open.h"
#include "store/pg/connection.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::test {

// Settings for a server under test. As root, PostgreSQL runs as Debian's own user.
inline store::EmbeddedOptions TestServerOptions(const std::filesystem::path& data_dir) {
  store::EmbeddedOptions options;
  options.data_dir = data_dir;
  options.service_user = "postgres";
  options.start_timeout = std::chrono::seconds(60);
  options.durable = false;
  options.settings = {"shared_buffers=32MB", "full_page_writes=off",
                      "logging_collector=off"};
  return options;
}

class TestServer {
 public:
  static TestServer& Get() {
    static TestServer server;
    return server;
  }

  store::EmbeddedServer& server() { return *access_.server; }
  void Admin(const std::string& sql) {
    const auto done = store::RunOutsideTransaction(server().DsnOf("postgres"), sql);
    if (!done) throw std::runtime_error(done.error().message);
  }
  std::string NextName() { return "test_" + std::to_string(++made_); }

 private:
  TestServer() {
    store::StoreOptions options;
    options.embedded = TestServerOptions(folder_.path() / "data");
    auto access = store::OpenStore(options);
    if (!access) throw std::runtime_error(access.error().message);
    access_ = *std::move(access);
  }

  TempDir folder_;
  store::StoreAccess access_;
  int made_ = 0;
};

class TestDatabase {
 public:
  explicit TestDatabase(std::string name) : name_(std::move(name)) {}
  ~TestDatabase() {
    if (!name_.empty()) {
      (void)store::RunOutsideTransaction(TestServer::Get().server().DsnOf("postgres"),
                                         "DROP DATABASE " + name_ + " WITH (FORCE)");
    }
  }
  TestDatabase(TestDatabase&& other) noexcept : name_(std::exchange(other.name_, {})) {}
  TestDatabase& operator=(TestDatabase&&) = delete;

  const std::string& name() const { return name_; }
  std::string dsn() const { return TestServer::Get().server().DsnOf(name_); }

 private:
  std::string name_;
};

inline TestDatabase MakeEmptyDatabase() {
  TestServer& server = TestServer::Get();
  TestDatabase database(server.NextName());
  server.Admin("CREATE DATABASE " + database.name());
  return database;
}

inline std::unique_ptr<store::Connection> OpenOrDie(const std::string& dsn,
                                                    const std::string& role = {}) {
  store::ConnectOptions options;
  options.dsn = dsn;
  options.role = role;
  auto opened = store::Connection::Open(options);
  if (!opened) throw std::runtime_error(opened.error().error.message);
  return *std::move(opened);
}

// Runs one statement in a transaction; the error, if any.
inline std::optional<store::PgError> Failure(store::Connection& connection,
                                             const std::string& sql) {
  auto done = connection.Transact([&](store::Transaction& tx) { tx.Exec(sql); });
  if (done) return std::nullopt;
  return std::move(done).error();
}

// The first cell of a query, as text.
inline std::string Cell(store::Connection& connection, const std::string& sql) {
  auto got = connection.Transact([&](store::Transaction& tx) {
    const auto rows = tx.Exec(sql);
    return rows[0].IsNull(0) ? std::string("NULL") : std::string(rows[0].Text(0));
  });
  if (!got) throw std::runtime_error(got.error().error.message);
  return *std::move(got);
}

}  // namespace tlsrpt::test
