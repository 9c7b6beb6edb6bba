// Numbers that look thrown and are not: the same for the same words, on every machine and
// in every version of a standard library.
//
// Threads  pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace tlsrpt::ingest {

// FNV-1a over the words, then the finaliser of splitmix64: words that differ in one day
// give numbers that have nothing in common.
inline std::uint64_t Dice(std::string_view words) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const char c : words) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace tlsrpt::ingest
