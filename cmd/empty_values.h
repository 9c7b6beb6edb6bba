// `--name=` with nothing behind it, as a script writes it whose variable is not set.
//
// CLI11 takes the next word for its value, whatever that is: of `--reason= --dry-run` the
// dry run would be lost. And it takes `--yes=` for a yes.
//
// Errors   CLI::ArgumentMismatch, with the word: of an option that takes no value.
// Threads  pure.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tlsrpt::cmd {

// The words of a command line, `--name=` as `--name` and an empty word, which CLI11 takes
// for the value. What stands behind `--`, and what is the value of an option, stays. A
// name that takes a value in one subcommand takes one in all of them.
std::vector<std::string> SplitEmptyValues(const CLI::App& app,
                                          std::vector<std::string> words);

}  // namespace tlsrpt::cmd
