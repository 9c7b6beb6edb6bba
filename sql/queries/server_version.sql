-- What a new connection asks first: PostgreSQL's version, e.g. 150020, and the encoding
-- of the database.
SELECT current_setting('server_version_num')::int AS version,
       current_setting('server_encoding') AS encoding
