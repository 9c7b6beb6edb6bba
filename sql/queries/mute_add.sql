-- Nobody listens to a reporter for a while.
INSERT INTO mute (reporter, who, why, made_at, until) VALUES ($1, $2, $3, $4, $5::date)
