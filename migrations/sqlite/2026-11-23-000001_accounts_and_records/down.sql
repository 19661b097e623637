DROP TABLE conflicts;
DROP TABLE mutations;
DROP TABLE idempotency_keys;
DROP TABLE record_revs;
DROP TABLE records;
DROP TABLE account_sync;
DROP TABLE sessions;
DROP TABLE accounts;
