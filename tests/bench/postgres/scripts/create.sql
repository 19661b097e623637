-- The rows that the server writes for POST /v1/contacts: lock of the log, record, head of the log.
\set n random(:first, :last)
\set id random(1000000000000000, 9999999999999999)
\set opportunity random(0, 49)
BEGIN;
SELECT account_id AS account, last_stamp + 1 AS rev, digest, live_records
FROM account_sync WHERE account_id = (SELECT twin FROM bench.accounts WHERE number = :n) FOR UPDATE \gset
INSERT INTO records (account_id, collection, id, rev, created_rev, txn, opportunity_id, doc, field_meta)
VALUES (:account, 'contacts', :id || '-4c3d-8a55-000000000000', :rev, :rev, :rev, 'o' || :opportunity,
    :doc, :meta);
UPDATE account_sync SET last_stamp = :rev, digest = :digest, live_records = :live_records + 1
WHERE account_id = :account;
COMMIT;
