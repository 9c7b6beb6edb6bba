// The SQL of the spool's file. README.md says what it means.
#pragma once

namespace tlsrpt::ingest {

inline constexpr int kSpoolVersion = 3;                 // PRAGMA user_version
inline constexpr int kSpoolApplicationId = 0x746c7371;  // "tlsq", PRAGMA application_id

// Which lane an entry of `queue` stands in. The numbers are on disk.
enum class Lane : int {
  kReady = 0,
  kSuspect = 1,  // ready; a process died with it in hand
  kWaiting = 2,  // until not_before
  kInHand = 3,   // not in the index queue_free
};

// `content` is written once and deleted once. What changes on the way is in the narrow
// rows of `queue` and `done`, so that taking 500 entries writes five pages and reads no
// body.
inline constexpr const char* kSpoolSchema = R"sql(
CREATE TABLE content (
  entry_id      INTEGER PRIMARY KEY,
  receipt_id    BLOB NOT NULL,
  received_at   INTEGER NOT NULL,
  transport     TEXT NOT NULL,
  peer          TEXT NOT NULL,
  helo          TEXT NOT NULL,
  tls           TEXT NOT NULL,
  envelope_from TEXT NOT NULL,
  envelope_to   BLOB NOT NULL,
  body          BLOB NOT NULL,
  peer_trusted  INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE queue (
  entry_id      INTEGER PRIMARY KEY,
  lane          INTEGER NOT NULL,
  crashes       INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,
  received_at   INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL
);
CREATE INDEX queue_free ON queue (lane, not_before) WHERE lane < 3;
CREATE TABLE done (
  done_ix       INTEGER PRIMARY KEY,
  entry_id      INTEGER NOT NULL,
  done_at       INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL
);
)sql";

// Whose spool this is, for as long as the file lives: 16 random bytes.
inline constexpr const char* kSpoolIdentity = R"sql(
CREATE TABLE identity (spool_id BLOB NOT NULL);
INSERT INTO identity VALUES (randomblob(16));
)sql";

// From version 1, which knew no trusted peers, to 2; it touches no row. From 2, which had
// no identity, to 3 is kSpoolIdentity.
inline constexpr const char* kSpoolUpgradeFrom1 =
    "ALTER TABLE content ADD COLUMN peer_trusted INTEGER NOT NULL DEFAULT 0;";

}  // namespace tlsrpt::ingest
