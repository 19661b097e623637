DROP TABLE reminders;
DROP TABLE plans;
