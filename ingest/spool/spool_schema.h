// The SQL of the spool's file. README.md says what it means.
#pragma once

namespace tlsrpt::ingest {

inline constexpr int kSpoolVersion = 4;                 // PRAGMA user_version
inline constexpr int kSpoolApplicationId = 0x746c7371;  // "tlsq", PRAGMA application_id

// Which lane an entry that is not done stands in. The numbers are on disk.
enum class Lane : int {
  kReady = 0,
  kSuspect = 1,  // ready; a process died with it in hand
  kWaiting = 2,  // until not_before
  kInHand = 3,   // not in the index queue_free
};

// `pack` is written once and deleted once. What changes on the way is in the narrow rows
// of `queue` and `done`, each for all entries from one id to another that share a fate:
// taking 500 entries writes a row, and putting them none.
inline constexpr const char* kSpoolSchema = R"sql(
CREATE TABLE pack (
  first_id      INTEGER PRIMARY KEY,
  entries       INTEGER NOT NULL,
  received_at   INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL,
  bytes         BLOB NOT NULL
);
CREATE TABLE queue (
  first_id      INTEGER PRIMARY KEY,
  last_id       INTEGER NOT NULL,
  lane          INTEGER NOT NULL,
  crashes       INTEGER NOT NULL,
  not_before    INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL
);
CREATE INDEX queue_free ON queue (lane, not_before) WHERE lane < 3;
CREATE TABLE done (
  done_ix       INTEGER PRIMARY KEY,
  first_id      INTEGER NOT NULL,
  last_id       INTEGER NOT NULL,
  done_at       INTEGER NOT NULL,
  content_bytes INTEGER NOT NULL
);
CREATE INDEX done_entries ON done (first_id);
CREATE TABLE taken (taken_to INTEGER NOT NULL);
INSERT INTO taken VALUES (0);
)sql";

// What follows "SELECT ... FROM pack" for the packs in which the entries from ?1 to ?2
// lie, and perhaps one before them.
inline constexpr const char* kPacksOf =
    " WHERE first_id >= ifnull((SELECT max(first_id) FROM pack WHERE first_id <= ?1), ?1)"
    " AND first_id <= ?2 ORDER BY first_id";

// Every entry that is not done, in runs: those of `queue`, and those that were never
// taken, which are ready and in no row. A run that ends before it begins holds none.
inline constexpr const char* kNotDone =
    "SELECT first_id, last_id, lane, crashes, not_before FROM queue UNION ALL"
    " SELECT taken_to + 1, (SELECT max(first_id + entries) FROM pack) - 1, 0, 0, 0"
    " FROM taken";

// Whose spool this is, for as long as the file lives: 16 random bytes.
inline constexpr const char* kSpoolIdentity = R"sql(
CREATE TABLE identity (spool_id BLOB NOT NULL);
INSERT INTO identity VALUES (randomblob(16));
)sql";

}  // namespace tlsrpt::ingest
