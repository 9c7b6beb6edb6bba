// What marks the rows of `tlsrptd demo`, beside `domain.demo`.
//
// Threads  constants.
#pragma once

#include <string_view>

namespace tlsrpt::store {

// The parent of every domain of the demo. Nobody can own it (RFC 2606, 3), and the table
// `domain` takes the mark on no other name.
inline constexpr std::string_view kDemoParent = "demo.example";
// The node that "received" the demo's reports: its counters are in no total, and its
// receipts are not read again. No host has a blank in its name.
inline constexpr std::string_view kDemoNode = "tlsrptd demo";

}  // namespace tlsrpt::store
