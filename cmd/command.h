// The subcommands of tlsrptd, one small file each: every one adds itself to the command
// line and leaves behind what to run.
//
// Exit status: 0 only where the text of the command says so; 64 and up as in
// sysexits.h.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "base/ops/settings.h"
#include "base/result.h"

namespace tlsrpt::cmd {

inline constexpr int kExitOk = 0;
inline constexpr int kExitUsage = 64;        // EX_USAGE
inline constexpr int kExitTooMuch = 65;      // EX_DATAERR: past a limit of ours
inline constexpr int kExitNoDomain = 66;     // EX_NOINPUT: domain not configured
inline constexpr int kExitUnavailable = 69;  // EX_UNAVAILABLE: database away
inline constexpr int kExitInternal = 70;     // EX_SOFTWARE
inline constexpr int kExitUnwritten = 74;    // EX_IOERR: standard output is lost
inline constexpr int kExitConfig = 78;       // EX_CONFIG

// What the command line chose; empty when it chose nothing.
using Chosen = std::function<int()>;

void AddServe(CLI::App& app, Chosen& chosen);
void AddIngest(CLI::App& app, Chosen& chosen);
void AddMigrate(CLI::App& app, Chosen& chosen);
void AddDomain(CLI::App& app, Chosen& chosen);
void AddDemo(CLI::App& app, Chosen& chosen);
void AddStatus(CLI::App& app, Chosen& chosen);
void AddHealth(CLI::App& app, Chosen& chosen);
void AddImport(CLI::App& app, Chosen& chosen);
void AddApi(CLI::App& app, Chosen& chosen);
void AddToken(CLI::App& app, Chosen& chosen);
void AddNode(CLI::App& app, Chosen& chosen);
void AddReadiness(CLI::App& app, Chosen& chosen);
void AddReporter(CLI::App& app, Chosen& chosen);
void AddWaive(CLI::App& app, Chosen& chosen);
void AddQuarantine(CLI::App& app, Chosen& chosen);
void AddReprocess(CLI::App& app, Chosen& chosen);
void AddSpool(CLI::App& app, Chosen& chosen);
void AddWorker(CLI::App& app, Chosen& chosen);

// The settings that every subcommand with a database takes as flags, and `more`.
std::vector<std::string> StoreKeys(std::vector<std::string> more = {});

// What a subcommand does about a data directory without a database in it.
enum class NoStore {
  kRefuse,  // kExitConfig: it is a mistyped one, and nothing is made there
  kMake,    // makes one, or needs none
};

// Loads the settings of a subcommand and runs `body` with them; an error of either goes
// to standard error as one line, and its kind becomes the exit status.
int RunWith(const FlagValues& flags, const std::function<Result<int>(Settings)>& body,
            NoStore no_store = NoStore::kRefuse);

}  // namespace tlsrpt::cmd
