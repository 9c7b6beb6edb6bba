// A text as one word of a shell, for commands that we print and a person pastes.
//
// Threads  pure.
#pragma once

#include <string>

namespace tlsrpt {

// As it is where no shell sees anything in it, else in single quotes.
std::string ShellWord(const std::string& text);

}  // namespace tlsrpt
