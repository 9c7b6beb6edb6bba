#include "base/ops/settings.h"

#include <pwd.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/ops/greeting_name.h"
#include "base/ops/settings_table.h"
#include "base/text.h"

namespace tlsrpt {
namespace {

using ops::SettingRow;

constexpr std::string_view kEnvironmentPrefix = "TLSRPTD_";

// What depends on the machine and the user.
Settings Defaults() {
  Settings settings;
  settings.data_dir = geteuid() == 0 ? "/var/lib/tlsrptd" : "./var";
  settings.default_data_dir = settings.data_dir;
  // A user of our own where the package or the script made one, else PostgreSQL's.
  settings.run_as = getpwnam("tlsrptd") != nullptr ? "tlsrptd" : "postgres";
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  settings.node = name.data();
  // A machine may be called anything, and starts nevertheless.
  const bool may_greet = ops::CheckGreetingName(settings.node).has_value();
  settings.smtp.hostname = may_greet ? settings.node : "localhost";
  return settings;
}

Error Refused(const std::string& where, const std::string& value, const Error& why) {
  return Error{ErrorKind::kMalformed, where + " = " + value + ": " + why.message};
}

// One value of a file as the texts a flag would have given; nothing for a wrong type.
std::optional<std::vector<std::string>> TextsOf(const SettingRow& row,
                                                const toml::node& node) {
  using List = std::vector<std::string>& (*)(Settings&);
  if (std::holds_alternative<List>(row.place)) {
    const toml::array* array = node.as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> texts;
    for (const toml::node& item : *array) {
      const auto text = item.value_exact<std::string>();
      if (!text) return std::nullopt;
      texts.push_back(*text);
    }
    return texts;
  }
  const bool is_number =
      std::holds_alternative<std::int64_t& (*)(Settings&)>(row.place) ||
      std::holds_alternative<std::chrono::seconds& (*)(Settings&)>(row.place);
  if (std::holds_alternative<bool& (*)(Settings&)>(row.place)) {
    if (const auto value = node.value_exact<bool>()) {
      return std::vector<std::string>{*value ? "true" : "false"};
    }
    return std::nullopt;
  }
  if (is_number) {
    if (const auto value = node.value_exact<std::int64_t>()) {
      return std::vector<std::string>{std::to_string(*value)};
    }
    if (row.unit == ops::SettingUnit::kNone) return std::nullopt;
  }
  if (const auto value = node.value_exact<std::string>()) {
    return std::vector<std::string>{*value};
  }
  return std::nullopt;
}

// Sets what `table` holds; `prefix` is "smtp." inside [smtp].
Result<void> SetFromTable(const toml::table& table, const std::string& prefix,
                          const std::string& file, Settings& settings) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const toml::source_position at = name.source().begin;
    const std::string where = file + ":" + std::to_string(at.line) + ":" +
                              std::to_string(at.column) + ": " + key;
    const auto rows = ops::SettingTable();
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const SettingRow& r) { return r.key == key; });
    if (row != rows.end()) {
      const auto texts = TextsOf(*row, node);
      if (!texts) {
        Settings example = settings;
        return Error{ErrorKind::kMalformed,
                     where + " is of the wrong type; expected something like " +
                         ops::ShowValue(*row, example)};
      }
      if (auto set = ops::SetFromText(*row, *texts, settings); !set) {
        return Refused(where, Join(*texts, ", "), set.error());
      }
      continue;
    }
    const bool is_section =
        prefix.empty() && std::any_of(rows.begin(), rows.end(), [&](const SettingRow& r) {
          return r.key.starts_with(key + ".");
        });
    if (is_section && !node.is_table()) {
      return Error{ErrorKind::kMalformed,
                   where + " is a section: write a line [" + key +
                       "] and its settings below; `tlsrptd --help-config` prints them"};
    }
    if (!is_section) {
      return Error{ErrorKind::kMalformed,
                   where + " is no setting; `tlsrptd --help-config` prints them all"};
    }
    if (auto set = SetFromTable(*node.as_table(), key + ".", file, settings); !set) {
      return set;
    }
  }
  return {};
}

Result<void> SetFromFile(const std::string& path, Settings& settings) {
  std::ifstream file(path, std::ios::binary);
  file.peek();  // bad of a folder, which opens like a file
  if (!file.is_open() || file.bad()) {
    return Error{ErrorKind::kMalformed, "settings file " + path + " cannot be read: " +
                                            std::generic_category().message(errno)};
  }
  file.clear();  // an empty one is at its end already
  try {
    return SetFromTable(toml::parse(file, path), "", path, settings);
  } catch (const toml::parse_error& e) {
    const toml::source_position at = e.source().begin;
    return Error{ErrorKind::kMalformed, path + ":" + std::to_string(at.line) + ":" +
                                            std::to_string(at.column) + ": " +
                                            std::string(e.description())};
  }
}

Result<void> SetFromEnvironment(const char* const* environment, Settings& settings) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with(kEnvironmentPrefix)) continue;
    const std::size_t equals = entry.find('=');
    const std::string name(entry.substr(0, equals));
    const std::string value(equals == std::string_view::npos ? std::string_view()
                                                             : entry.substr(equals + 1));
    const auto rows = ops::SettingTable();
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const SettingRow& r) {
      return ops::EnvironmentName(r) == name;
    });
    if (row == rows.end()) {
      return Error{ErrorKind::kMalformed,
                   "environment: " + name +
                       " is no setting; `tlsrptd --help-config` prints them all"};
    }
    std::vector<std::string> values{value};
    if (std::holds_alternative<std::vector<std::string>& (*)(Settings&)>(row->place)) {
      values.clear();
      for (const std::string_view item : Split(value, ',')) {
        if (!Trim(item).empty()) values.emplace_back(Trim(item));
      }
    }
    if (auto set = ops::SetFromText(*row, values, settings); !set) {
      return Refused("environment: " + name, value, set.error());
    }
  }
  return {};
}

}  // namespace

void FlagValues::AddTo(CLI::App& app, const std::vector<std::string>& keys) {
  app.add_option("--config", config_file_,
                 "TOML file of settings; --help-config prints one");
  for (const SettingRow& row : ops::SettingTable()) {
    if (row.flag.empty()) continue;
    if (!keys.empty() && std::find(keys.begin(), keys.end(), row.key) == keys.end()) {
      continue;
    }
    Flag* flag =
        flags_.emplace_back(std::make_unique<Flag>(Flag{std::string(row.key), {}})).get();
    const std::string name(row.flag);
    const std::string help(row.help);
    if (std::holds_alternative<bool& (*)(Settings&)>(row.place)) {
      app.add_flag_callback(
          name, [flag] { flag->values = {"true"}; }, help);
      continue;
    }
    CLI::Option* option = app.add_option(name, flag->values, help);
    option->expected(1);
    // One value a flag: what stands behind it may be a file to import.
    option->allow_extra_args(false);
    if (std::holds_alternative<std::vector<std::string>& (*)(Settings&)>(row.place)) {
      option->take_all();
    }
  }
}

Result<Settings> FlagValues::Load(const char* const* environment) const {
  Settings settings = Defaults();
  if (!config_file_.empty()) {
    if (auto set = SetFromFile(config_file_, settings); !set) return set.error();
  }
  if (auto set = SetFromEnvironment(environment, settings); !set) return set.error();
  for (const auto& flag : flags_) {
    if (flag->values.empty()) continue;
    for (const SettingRow& row : ops::SettingTable()) {
      if (row.key != flag->key) continue;
      if (auto set = ops::SetFromText(row, flag->values, settings); !set) {
        return Refused(std::string(row.flag), Join(flag->values, ", "), set.error());
      }
    }
  }
  return settings;
}

std::string HelpConfig() {
  Settings settings = Defaults();
  std::string text =
      "# Settings of tlsrptd, each at its default. A flag wins over the environment,\n"
      "# and that over this file (--config FILE).\n";
  std::string section;
  for (const SettingRow& row : ops::SettingTable()) {
    const std::size_t dot = row.key.find('.');
    const std::string in(dot == std::string_view::npos ? std::string_view()
                                                       : row.key.substr(0, dot));
    if (in != section) text += "\n[" + in + "]\n";
    section = in;
    text += "\n# " + std::string(row.help) + ".\n# " + ops::EnvironmentName(row);
    if (!row.flag.empty()) text += ", " + std::string(row.flag);
    if (!row.choices.empty()) text += "; one of " + std::string(row.choices);
    text += "\n#" + std::string(row.key.substr(in.empty() ? 0 : dot + 1)) + " = " +
            ops::ShowValue(row, settings) + "\n";
  }
  return text;
}

}  // namespace tlsrpt
