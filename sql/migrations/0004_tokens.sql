-- 0004: tokens of the API.
-- Oldest program: 1
--
-- A token's secret is 32 random bytes and is shown once, when it is made. Here lies its
-- SHA-256 alone: nothing that could be guessed, so no salt and no slow hash, and nothing
-- that opens a door for whoever reads a backup.
--
-- Locks: creates only; safe on a live database.
-- Down:  none.

CREATE TABLE token (
    created_at  timestamptz NOT NULL,
    scope       smallint NOT NULL,        -- 1: read; 2: admin, which may also change
    token_id    text COLLATE "C" NOT NULL,  -- the part that is no secret
    name        text COLLATE "C" NOT NULL,  -- what it is for, as the administrator says
    secret_hash bytea    NOT NULL,
    domains     text[] COLLATE "C",        -- NULL: every domain

    CONSTRAINT token_pk        PRIMARY KEY (token_id),
    CONSTRAINT token_scope     CHECK (scope IN (1, 2)),
    CONSTRAINT token_hash      CHECK (octet_length(secret_hash) = 32),
    -- An empty list would read like "every domain" to somebody in a hurry.
    CONSTRAINT token_domains   CHECK (cardinality(domains) > 0)
);
