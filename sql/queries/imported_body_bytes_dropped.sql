-- Bytes received before $1 are gone: what names them is of no more use.
DELETE FROM imported_body WHERE received_on < $1::date
