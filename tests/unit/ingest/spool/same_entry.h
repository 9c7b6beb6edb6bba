// Two spool entries, field by field.
#pragma once

#include <gtest/gtest.h>

#include "ingest/spool/spool.h"

namespace tlsrpt::test {

inline void ExpectSame(const ingest::SpoolEntry& a, const ingest::SpoolEntry& b) {
  EXPECT_EQ(a.receipt_id, b.receipt_id);
  EXPECT_EQ(a.received_at, b.received_at);
  EXPECT_EQ(a.transport, b.transport);
  EXPECT_EQ(a.peer, b.peer);
  EXPECT_EQ(a.helo, b.helo);
  EXPECT_EQ(a.tls, b.tls);
  EXPECT_EQ(a.envelope_from, b.envelope_from);
  EXPECT_EQ(a.envelope_to, b.envelope_to);
  EXPECT_EQ(a.body, b.body);
  EXPECT_EQ(a.peer_trusted, b.peer_trusted);
}

}  // namespace tlsrpt::test
