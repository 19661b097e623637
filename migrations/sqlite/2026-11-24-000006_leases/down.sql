DROP INDEX reminders_due;
CREATE INDEX reminders_due ON reminders (remind_at);
ALTER TABLE reminders DROP COLUMN attempts;
ALTER TABLE reminders DROP COLUMN outcome;
ALTER TABLE reminders DROP COLUMN dispatched_at;
ALTER TABLE reminders DROP COLUMN leased_until;
ALTER TABLE plans DROP COLUMN leased_until;
