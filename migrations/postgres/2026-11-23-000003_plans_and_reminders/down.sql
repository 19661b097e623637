DROP INDEX records_of_nobody;
DROP TABLE reminders;
DROP TABLE plans;
