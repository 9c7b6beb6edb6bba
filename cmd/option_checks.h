// What the value of an option must be, where CLI11 has no check of its own. It names the
// option before these words.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace tlsrpt::cmd {

// The most lines that --limit asks a list for: a number that people can read.
inline constexpr std::int64_t kMostListed = 1'000'000'000;

// At all: an option whose variable is not set must not be answered as if it had been left
// out.
CLI::Validator NotEmpty();

// base/plain_text.h
CLI::Validator OneLine();
CLI::Validator Name();

}  // namespace tlsrpt::cmd
