#include "base/ops/settings.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "base/ops/settings_table.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt {
namespace {

using Strings = std::vector<std::string>;

class SettingsTest : public ::testing::Test {
 protected:
  // Loads `file` (none if empty) with the variables and flags.
  Result<Settings> Load(const std::string& file, const Strings& environment = {},
                        Strings flags = {}, const Strings& keys = {}) {
    CLI::App app;
    FlagValues values;
    values.AddTo(app, keys);
    if (!file.empty()) {
      std::ofstream(path_) << file;
      flags.insert(flags.begin(), {"--config", path_});
    }
    try {
      std::reverse(flags.begin(), flags.end());  // as CLI11 wants its vector
      app.parse(flags);
    } catch (const CLI::ParseError& e) {
      return Error{ErrorKind::kMalformed, std::string("flags: ") + e.what()};
    }
    std::vector<const char*> pointers;
    for (const std::string& variable : environment) pointers.push_back(variable.c_str());
    pointers.push_back(nullptr);
    return values.Load(pointers.data());
  }

  test::TempDir dir_;
  std::string path_ = (dir_.path() / "tlsrptd.toml").string();
};

// `import --authserv-id mx.firm.example a.eml b.eml`: no file is a second id, and none a
// second data directory.
TEST_F(SettingsTest, AFlagTakesOneValue) {
  for (const char* flag : {"--authserv-id", "--data-dir"}) {
    CLI::App app;
    FlagValues values;
    values.AddTo(app);
    std::vector<std::string> files;
    app.add_option("FILE", files)->required();
    app.parse(Strings{"b.eml", "a.eml", "mx.firm.example", flag});  // CLI11's order
    EXPECT_EQ(files, (Strings{"a.eml", "b.eml"})) << flag;
    const char* const none[] = {nullptr};
    const auto settings = values.Load(none);
    EXPECT_EQ(flag == std::string("--data-dir") ? settings->data_dir
                                                : settings->vouch.authserv_ids.at(0),
              "mx.firm.example");
  }
}

TEST_F(SettingsTest, DefaultsFileEnvironmentFlag) {
  const std::string file = "[smtp]\nlisten = \"file:1\"\n";
  const Strings environment = {"PATH=/bin", "TLSRPTD_SMTP_LISTEN=environment:2"};
  const Strings flags = {"--smtp", "flag:3"};
  EXPECT_EQ(Load("")->smtp.listen, "127.0.0.1:2525");
  EXPECT_EQ(Load(file)->smtp.listen, "file:1");
  EXPECT_EQ(Load(file, environment)->smtp.listen, "environment:2");
  EXPECT_EQ(Load(file, environment, flags)->smtp.listen, "flag:3");
  EXPECT_EQ(Load(file, {}, flags)->smtp.listen, "flag:3");
}

TEST_F(SettingsTest, Values) {
  struct Row {
    const char* why;
    const char* file;
    Strings environment;
    Strings flags;
    std::function<bool(const Settings&)> holds;
  };
  const Row rows[] = {
      {"a size with its unit",
       "[spool]\nquota = \"2GiB\"",
       {},
       {},
       [](const Settings& s) { return s.spool.quota_bytes == std::int64_t{2} << 30; }},
      {"a size as a number",
       "[spool]\nquota = 33554432",
       {},
       {},
       [](const Settings& s) { return s.spool.quota_bytes == 32 << 20; }},
      {"a size in a variable",
       "",
       {"TLSRPTD_SPOOL_QUOTA=64 MiB"},
       {},
       [](const Settings& s) { return s.spool.quota_bytes == 64 << 20; }},
      {"the largest mail",
       "[smtp]\nmax_message_bytes = \"500MiB\"",
       {},
       {},
       [](const Settings& s) { return s.smtp.max_message_bytes == 500 << 20; }},
      {"a time in hours",
       "[spool]\nkeep = \"48h\"",
       {},
       {},
       [](const Settings& s) { return s.spool.keep == std::chrono::hours(48); }},
      {"a time in days",
       "",
       {"TLSRPTD_SPOOL_KEEP=2d"},
       {},
       [](const Settings& s) { return s.spool.keep == std::chrono::hours(48); }},
      {"a time in seconds without a unit",
       "[smtp]\ncommand_timeout = 10",
       {},
       {},
       [](const Settings& s) { return s.smtp.command_timeout.count() == 10; }},
      {"a list in the file",
       "domains = [\"a.example\", \".b.example\"]",
       {},
       {},
       [](const Settings& s) {
         return s.domains == Strings{"a.example", ".b.example"};
       }},
      {"a list in a variable",
       "",
       {"TLSRPTD_DOMAINS=a.example, b.example,"},
       {},
       [](const Settings& s) {
         return s.domains == Strings{"a.example", "b.example"};
       }},
      {"a flag again and again",
       "",
       {},
       {"--domain", "a.example", "--domain", "b.example"},
       [](const Settings& s) {
         return s.domains == Strings{"a.example", "b.example"};
       }},
      {"a list of a flag replaces the file's",
       "domains = [\"a.example\"]",
       {},
       {"--domain", "b.example"},
       [](const Settings& s) { return s.domains == Strings{"b.example"}; }},
      {"an empty variable empties",
       "domains = [\"a.example\"]",
       {"TLSRPTD_DOMAINS="},
       {},
       [](const Settings& s) { return s.domains.empty(); }},
      {"a flag without a value",
       "",
       {},
       {"--migrate"},
       [](const Settings& s) { return s.migrate; }},
      {"true in the file",
       "migrate = true",
       {},
       {},
       [](const Settings& s) { return s.migrate; }},
      {"false in a variable",
       "migrate = true",
       {"TLSRPTD_MIGRATE=false"},
       {},
       [](const Settings& s) { return !s.migrate; }},
      {"one of the choices",
       "[log]\nformat = \"json\"",
       {},
       {},
       [](const Settings& s) { return s.log.format == "json"; }},
      {"the least",
       "[flow]\nworkers = 1",
       {},
       {},
       [](const Settings& s) { return s.flow.workers == 1; }},
      {"the most",
       "[flow]\nworkers = 64",
       {},
       {},
       [](const Settings& s) { return s.flow.workers == 64; }},
      {"a dotted key",
       "log.level = \"debug\"",
       {},
       {},
       [](const Settings& s) { return s.log.level == "debug"; }},
      {"an equals sign in a value",
       "",
       {"TLSRPTD_DATABASE=host=db user=x"},
       {},
       [](const Settings& s) { return s.database == "host=db user=x"; }},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto settings = Load(row.file, row.environment, row.flags);
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_TRUE(row.holds(*settings));
  }
}

TEST_F(SettingsTest, Refused) {
  struct Row {
    const char* why;
    const char* file;
    Strings environment;
    Strings flags;
    Strings names;  // each is in the message
  };
  const Row rows[] = {
      {"an unknown key",
       "data_dir = \"x\"\ndatadir = \"y\"",
       {},
       {},
       {"tlsrptd.toml:2:1", "datadir", "--help-config"}},
      {"an unknown key in a section",
       "[smtp]\n  port = 25",
       {},
       {},
       {"tlsrptd.toml:2:3", "smtp.port"}},
      {"an unknown section", "[snmp]\nlisten = \"x\"", {}, {}, {"toml:1", "snmp"}},
      {"a section inside a section", "[smtp.tls]\nkey = \"x\"", {}, {}, {"smtp.tls"}},
      {"a value where a section is",
       "smtp = 5",
       {},
       {},
       {"toml:1:1", "smtp is a section", "[smtp]"}},
      {"a section where a value is", "[data_dir]\nx = 1", {}, {}, {"data_dir", "type"}},
      {"a number for text", "data_dir = 5", {}, {}, {"toml:1:1", "data_dir", "type"}},
      {"text for a plain number",
       "[flow]\nworkers = \"2\"",
       {},
       {},
       {"toml:2:1", "flow.workers", "type"}},
      {"text for true", "migrate = \"true\"", {}, {}, {"migrate", "type"}},
      {"a fraction", "[flow]\nworkers = 1.5", {}, {}, {"flow.workers", "type"}},
      {"text for a list", "domains = \"a.example\"", {}, {}, {"domains", "type", "["}},
      {"a number in a list", "domains = [\"a.example\", 5]", {}, {}, {"domains", "type"}},
      {"below the least",
       "[flow]\nworkers = 0",
       {},
       {},
       {"flow.workers", "= 0", "at least 1", "at most 64"}},
      {"above the most",
       "[flow]\nworkers = 65",
       {},
       {},
       {"flow.workers", "= 65", "at most 64"}},
      {"a negative number", "[flow]\nworkers = -1", {}, {}, {"flow.workers", "= -1"}},
      {"a size too small",
       "[spool]\nquota = \"1KiB\"",
       {},
       {},
       {"spool.quota", "1KiB", "at least 16MiB"}},
      {"a greeting of two lines",
       "[smtp]\nhostname = \"mx\\n250-X\"",
       {},
       {},
       {"toml:2:1", "smtp.hostname", "mx.firm.example", "[192.0.2.1]"}},
      {"a greeting without a name",
       "",
       {"TLSRPTD_SMTP_HOSTNAME="},
       {},
       {"TLSRPTD_SMTP_HOSTNAME", "mx.firm.example"}},
      {"a blank for a name", "", {}, {"--smtp-hostname", " "}, {"--smtp-hostname"}},
      {"a mail that PostgreSQL would not give back",
       "[smtp]\nmax_message_bytes = \"501MiB\"",
       {},
       {},
       {"smtp.max_message_bytes", "501MiB", "at most 500MiB"}},
      {"a post of the same size",
       "[https]\nmax_body_bytes = \"1GiB\"",
       {},
       {},
       {"https.max_body_bytes", "1GiB", "at most 500MiB"}},
      {"a unit of 1000",
       "[spool]\nquota = \"4GB\"",
       {},
       {},
       {"spool.quota", "4GB", "256MiB"}},
      {"a size past 2^63", "[spool]\nquota = \"9000000000GiB\"", {}, {}, {"spool.quota"}},
      {"a unit alone", "[spool]\nkeep = \"h\"", {}, {}, {"spool.keep", "24h"}},
      {"a time in years", "[spool]\nkeep = \"1y\"", {}, {}, {"spool.keep", "24h"}},
      {"none of the choices",
       "[log]\nlevel = \"loud\"",
       {},
       {},
       {"log.level", "loud", "debug|info|warning|error"}},
      {"no TOML", "data_dir = \n", {}, {}, {"tlsrptd.toml:1"}},
      {"a key twice", "migrate = true\nmigrate = true", {}, {}, {"tlsrptd.toml:2"}},
      {"an unknown variable",
       "",
       {"TLSRPTD_SMTP_PORT=25"},
       {},
       {"TLSRPTD_SMTP_PORT", "--help-config"}},
      {"a variable's value",
       "",
       {"TLSRPTD_FLOW_WORKERS=many"},
       {},
       {"TLSRPTD_FLOW_WORKERS", "many", "whole number"}},
      {"neither true nor false",
       "",
       {"TLSRPTD_MIGRATE=1"},
       {},
       {"TLSRPTD_MIGRATE", "= 1", "true or false"}},
      {"a flag's value",
       "",
       {},
       {"--spool-quota", "lots"},
       {"--spool-quota", "lots", "256MiB"}},
      {"a flag twice that is one", "", {}, {"--smtp", "a", "--smtp", "b"}, {"--smtp"}},
      {"an unknown flag", "", {}, {"--smpt", "a"}, {"--smpt"}},
      {"no such file", "", {}, {"--config", "/no/such.toml"}, {"/no/such.toml"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto settings = Load(row.file, row.environment, row.flags);
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().kind, ErrorKind::kMalformed);
    for (const std::string& name : row.names) {
      EXPECT_NE(settings.error().message.find(name), std::string::npos)
          << name << " is not in: " << settings.error().message;
    }
  }
}

TEST_F(SettingsTest, ASubcommandHasOnlyItsOwnFlags) {
  EXPECT_TRUE(Load("", {}, {"--database", "x"}, {"database", "data_dir"}));
  EXPECT_FALSE(Load("", {}, {"--smtp", "x:1"}, {"database", "data_dir"}));
  // File and environment are the same for all.
  const auto settings = Load("[smtp]\nlisten = \"x:1\"", {}, {}, {"database"});
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->smtp.listen, "x:1");
}

// The reference, with its comments taken away, is a file that changes nothing.
TEST_F(SettingsTest, TheReferenceIsAFile) {
  const std::string help = HelpConfig();
  const std::string file =
      std::regex_replace(help, std::regex("(^|\n)#([a-z_]+ = )"), "$1$2");
  EXPECT_NE(file, help);
  const auto settings = Load(file);
  ASSERT_TRUE(settings) << settings.error().message;
  Settings given = *settings, defaults = *Load("");
  for (const ops::SettingRow& row : ops::SettingTable()) {
    SCOPED_TRACE(row.key);
    EXPECT_EQ(ops::ShowValue(row, given), ops::ShowValue(row, defaults));
    EXPECT_NE(help.find(ops::EnvironmentName(row)), std::string::npos);
  }
  EXPECT_NE(help.find("quota = \"4GiB\""), std::string::npos);
  EXPECT_NE(help.find("keep = \"1d\""), std::string::npos);
}

TEST_F(SettingsTest, EachRowIsItsOwn) {
  std::set<std::string> names, flags;
  std::set<const void*> places;
  Settings settings;
  for (const ops::SettingRow& row : ops::SettingTable()) {
    SCOPED_TRACE(row.key);
    EXPECT_TRUE(names.insert(ops::EnvironmentName(row)).second);
    if (!row.flag.empty()) {
      EXPECT_TRUE(flags.insert(std::string(row.flag)).second);
    }
    const void* place = std::visit(
        [&](auto at) { return static_cast<const void*>(&at(settings)); }, row.place);
    EXPECT_TRUE(places.insert(place).second) << "two rows for one member";
    EXPECT_FALSE(row.help.empty());
    EXPECT_FALSE(row.help.ends_with('.')) << "HelpConfig() ends the sentence";
  }
}

}  // namespace
}  // namespace tlsrpt
