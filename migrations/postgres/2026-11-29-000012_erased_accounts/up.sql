-- Accounts that were deleted: their identifiers and nothing else, so that a backup that is put back does not
-- bring them back.
CREATE TABLE erased_accounts (
    account_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- Unix milliseconds.
    erased_at  BIGINT NOT NULL
);

SELECT afterview_wall('erased_accounts');
SELECT afterview_directory_may('SELECT (account_id, erased_at)', 'erased_accounts');

-- What a restore lost, and when: times, so that whoever runs the server sees that there was one.
SELECT afterview_directory_may('SELECT (account_id, invalid_from, invalid_to)', 'lost_intervals');
