#include "cmd/empty_values.h"

#include <optional>
#include <string_view>
#include <utility>

namespace tlsrpt::cmd {
namespace {

// Whether `--name` takes a value, in `app` or below; nothing for a name that is none.
std::optional<bool> TakesValue(const CLI::App& app, const std::string& name) {
  std::optional<bool> takes;
  if (const CLI::Option* option = app.get_option_no_throw(name)) {
    takes = option->get_items_expected_max() > 0;
  }
  for (const CLI::App* below :
       app.get_subcommands([](const CLI::App*) { return true; })) {
    const auto there = TakesValue(*below, name);
    if (there) takes = takes.value_or(false) || *there;
  }
  return takes;
}

}  // namespace

std::vector<std::string> SplitEmptyValues(const CLI::App& app,
                                          std::vector<std::string> words) {
  std::vector<std::string> split;
  bool options = true;    // until `--`
  bool is_value = false;  // of the option before
  for (std::string& word : words) {
    const bool looks_like_one = word.size() > 2 && word.starts_with("--");
    if (!options || is_value || !looks_like_one) {
      options = options && (is_value || word != "--");
      is_value = false;
      split.push_back(std::move(word));
      continue;
    }
    const std::size_t equals = word.find('=');
    const auto takes = TakesValue(app, word.substr(0, equals));
    if (equals == std::string::npos) {
      is_value = takes.value_or(false);
    } else if (takes && equals + 1 == word.size()) {
      if (!*takes) throw CLI::ArgumentMismatch(word + ": nothing stands behind the =");
      word.pop_back();
      split.push_back(std::move(word));
      word.clear();
    }
    split.push_back(std::move(word));
  }
  return split;
}

}  // namespace tlsrpt::cmd
