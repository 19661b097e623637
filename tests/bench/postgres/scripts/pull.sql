-- The page of changes that the server reads for a pull, in one statement and no transaction of its own.
\set n random(:first, :last)
SELECT collection, id, rev, txn, deleted_rev, cascade_of, doc, extra
FROM records
WHERE account_id = (SELECT account_id FROM bench.accounts WHERE number = :n) AND rev > :after AND rev <= :head
ORDER BY rev LIMIT 1000;
