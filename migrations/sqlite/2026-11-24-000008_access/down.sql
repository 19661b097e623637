DROP INDEX accounts_locked;
DROP TABLE audit_events;
DROP TABLE access_tokens;
DROP TABLE password_resets;
DROP TABLE identities;
ALTER TABLE sessions DROP COLUMN rotation_salt;
ALTER TABLE accounts DROP COLUMN locked_at;
