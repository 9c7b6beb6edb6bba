#include "cmd/option_checks.h"

#include <string>

#include "base/plain_text.h"

namespace tlsrpt::cmd {
namespace {

std::string MessageOf(const Result<void>& sound) {
  return sound ? "" : sound.error().message;
}

}  // namespace

CLI::Validator NotEmpty() {
  return CLI::Validator(
      [](const std::string& text) -> std::string {
        return text.empty() ? "it is empty; give a value, or leave it out" : "";
      },
      "");
}

CLI::Validator OneLine() {
  return CLI::Validator(
      [](const std::string& text) { return MessageOf(CheckOneLine(text)); }, "");
}

CLI::Validator Name() {
  return CLI::Validator(
      [](const std::string& text) { return MessageOf(CheckName(text)); }, "");
}

}  // namespace tlsrpt::cmd
