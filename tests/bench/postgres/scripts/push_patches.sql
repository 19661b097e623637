-- The rows that the server writes for a push of 100 patches: 100 records changed, 100 rows of history,
-- 100 of the ledger, the head of the log. Each table gets its rows in one statement.
\set turn random(1, :turns)
\set push random(10000000, 99999999)
BEGIN;
SELECT a.account_id AS account, a.last_stamp AS before, a.last_stamp + 1 AS txn, a.last_stamp + 100 AS head, a.digest,
    a.live_records, s.collections, s.ids
FROM bench.stock AS s JOIN account_sync AS a USING (account_id) WHERE s.turn = :turn FOR UPDATE OF a \gset
UPDATE records SET rev = :before + new.n, txn = :txn, doc = new.doc, field_meta = new.field_meta
FROM unnest(:collections::text[], :ids::text[], :docs::text[], :metas::text[])
    WITH ORDINALITY AS new (collection, id, doc, field_meta, n)
WHERE records.account_id = :account AND records.collection = new.collection AND records.id = new.id;
INSERT INTO record_revs (account_id, device_id, rev, collection, id, mutation_id, changed)
SELECT :account, '01a20b7e-c7c1-77f2-96a4-4d98fad84a18', :before + new.n, new.collection, new.id,
    :push || new.mutation, new.changed
FROM unnest(:collections::text[], :ids::text[], :mutations::text[], :changed::text[])
    WITH ORDINALITY AS new (collection, id, mutation, changed, n);
INSERT INTO mutations (account_id, device_id, received_at, mutation_id, fingerprint, status, rev, result)
SELECT :account, '01a20b7e-c7c1-77f2-96a4-4d98fad84a18', :txn, :push || new.mutation, new.fingerprint,
    new.status, :before + new.n, new.result
FROM unnest(:mutations::text[], :fingerprints::text[], :statuses::text[], :results::text[])
    WITH ORDINALITY AS new (mutation, fingerprint, status, result, n);
UPDATE account_sync SET last_stamp = :head, digest = :digest, live_records = :live_records
WHERE account_id = :account;
COMMIT;
