-- Somebody listens again: ends what holds at $2.
UPDATE mute SET withdrawn_at = $2::timestamptz
WHERE reporter = $1 AND withdrawn_at IS NULL
  AND until >= ($2::timestamptz AT TIME ZONE 'UTC')::date
