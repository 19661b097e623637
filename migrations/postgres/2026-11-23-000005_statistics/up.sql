-- PostgreSQL counts rows by itself; this version is about SQLite.
SELECT 1;
