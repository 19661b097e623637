-- Due work is claimed by a lease, so that any number of nodes share it: until leased_until (Unix
-- milliseconds) nobody else takes it. What a lost node held is taken by another one after that.
ALTER TABLE plans ADD COLUMN leased_until BIGINT;

ALTER TABLE reminders ADD COLUMN leased_until BIGINT;
-- When the reminder was done with; null: still to be done.
ALTER TABLE reminders ADD COLUMN dispatched_at BIGINT;
-- What became of it then: sent, or expired before it could be sent.
ALTER TABLE reminders ADD COLUMN outcome TEXT;
-- How often it was claimed.
ALTER TABLE reminders ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

DROP INDEX reminders_due;
CREATE INDEX reminders_due ON reminders (remind_at) WHERE dispatched_at IS NULL;
