#include "base/shell_word.h"

#include <algorithm>

namespace tlsrpt {

std::string ShellWord(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= '0' && ch <= '9') || ch == '.' || ch == '-' || ch == '_' || ch == '/';
  });
  if (plain) return text;
  std::string word = "'";
  for (const char ch : text) {
    if (ch == '\'') {
      word += "'\\''";
    } else {
      // A control character in a command is never what a person means.
      word += static_cast<unsigned char>(ch) < 0x20 || ch == 0x7F ? '?' : ch;
    }
  }
  return word + "'";
}

}  // namespace tlsrpt
