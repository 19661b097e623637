-- What SQLite is to expect of the indexes: rows, and rows for each prefix of the key. Without these it
-- takes the second index of a table WITHOUT ROWID to be of no use and walks the primary key, that is all
-- reminders of an account for those of one opportunity, and all its history for that of one record.
-- Round figures of an account with a thousand records; what counts is their order.
ANALYZE sqlite_schema;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('reminders', 'reminders', '1000000 1000 1'),
    ('reminders', 'reminders_opportunity', '1000000 1000 5 1'),
    ('record_revs', 'record_revs', '1000000 1000 1'),
    ('record_revs', 'record_revs_record', '1000000 1000 100 4 1');
-- Takes them over at once.
ANALYZE sqlite_schema;
