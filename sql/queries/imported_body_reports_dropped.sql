-- Reports before $1 are gone: their files are no longer in the database, and if they are
-- to be kept longer after all, an import must store them again.
DELETE FROM imported_body WHERE oldest_day < $1::date
