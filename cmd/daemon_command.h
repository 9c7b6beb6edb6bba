// A subcommand that is a daemon: `serve`, or one of its roles apart.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cmd/command.h"
#include "cmd/daemon.h"

namespace tlsrpt::cmd {

enum class NeedsDsn {
  kNo,
  // The PostgreSQL of our own belongs to one `serve`; roles apart share a database.
  kYes,
};

// Takes every setting as a flag.
void AddDaemon(CLI::App& app, Chosen& chosen, const std::string& name,
               const std::string& help, MakeParts make_parts, NeedsDsn needs_dsn);

}  // namespace tlsrpt::cmd
