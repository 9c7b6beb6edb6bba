// Why something is in quarantine: the short stable codes in Receipt::reason, each of the
// step at which it stopped.
#pragma once

#include <array>
#include <string_view>

namespace tlsrpt::store {

inline constexpr std::string_view kReasonUnpack = "unpack";
inline constexpr std::string_view kReasonParse = "parse";
inline constexpr std::string_view kReasonFile = "file";
inline constexpr std::string_view kReasonForeign = "foreign_domain";
// The process died with it in hand, four times. Nobody has looked into it, so nobody can
// tell who vouches for what is in it.
inline constexpr std::string_view kReasonCrash = "crash";
inline constexpr std::string_view kReasonStore = "store";
// It is signed as a counted reporter, and DNS gave no key: nobody can tell either.
inline constexpr std::string_view kReasonKey = "key";

// All of them, for those who ask by one.
inline constexpr std::array kQuarantineReasons = {
    kReasonUnpack, kReasonParse, kReasonFile, kReasonForeign,
    kReasonCrash,  kReasonStore, kReasonKey};

}  // namespace tlsrpt::store
