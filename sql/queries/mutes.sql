-- Every mute that was ever made: what was answered while one held must be told later.
SELECT reporter, who, why, made_at, withdrawn_at, until
FROM mute
ORDER BY reporter, made_at
