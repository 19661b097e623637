-- The rows that the server writes for a push of 100 creates: 100 records, 100 rows of the ledger, what is
-- kept of ten new plans, their reminders, the head of the log. Each table gets its rows in one statement.
\set n random(:first, :last)
\set push random(10000000, 99999999)
BEGIN;
SELECT account_id AS account, last_stamp AS before, last_stamp + 1 AS txn, last_stamp + 100 AS head, digest, live_records
FROM account_sync WHERE account_id = (SELECT twin FROM bench.accounts WHERE number = :n) FOR UPDATE \gset
INSERT INTO records (account_id, collection, id, rev, created_rev, txn, opportunity_id, doc, field_meta)
SELECT :account, new.collection, :push || new.id, :before + new.n, :before + new.n, :txn,
    :push || new.opportunity, new.doc, new.field_meta
FROM unnest(:collections::text[], :ids::text[], :opportunities::text[], :docs::text[], :metas::text[])
    WITH ORDINALITY AS new (collection, id, opportunity, doc, field_meta, n);
INSERT INTO mutations (account_id, device_id, received_at, mutation_id, fingerprint, status, rev, result)
SELECT :account, '01a20b7e-c7c1-77f2-96a4-4d98fad84a18', :txn, 'm' || :push || new.id, new.fingerprint,
    new.status, :before + new.n, new.result
FROM unnest(:ids::text[], :fingerprints::text[], :statuses::text[], :results::text[])
    WITH ORDINALITY AS new (id, fingerprint, status, result, n);
INSERT INTO plans (account_id, opportunity_id, versions, next_change_at, outline, changed_at, changes)
SELECT :account, :push || new.opportunity, new.versions, new.next_change_at, new.outline, new.changed_at,
    new.changes
FROM unnest(:plans::text[], :versions::text[], :nexts::bigint[], :outlines::text[], :changed::bigint[],
    :changes::text[]) AS new (opportunity, versions, next_change_at, outline, changed_at, changes);
INSERT INTO reminders (account_id, action_key, opportunity_id, follow_up_id, kind, remind_at, ideal,
    useful_until, version)
SELECT :account, :push || new.action_key, :push || new.opportunity, new.follow_up, new.kind, new.remind_at,
    new.ideal, new.useful_until, :txn
FROM unnest(:keys::text[], :owners::text[], :acts::text[], :kinds::text[], :times::bigint[],
    :ideals::bigint[], :ends::bigint[])
    AS new (action_key, opportunity, follow_up, kind, remind_at, ideal, useful_until);
UPDATE account_sync SET last_stamp = :head, digest = :digest, live_records = :live_records + 100
WHERE account_id = :account;
COMMIT;
