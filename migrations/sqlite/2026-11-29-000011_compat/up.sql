-- From where an app with WatermelonDB pulled last, newest last, since a push of it came: a JSON array of
-- stamps. Null for sessions that never pulled so.
ALTER TABLE sessions ADD COLUMN watermelondb_pulls TEXT;
