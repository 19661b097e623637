ALTER TABLE sessions DROP COLUMN watermelondb_pulls;
