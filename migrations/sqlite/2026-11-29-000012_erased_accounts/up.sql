-- Accounts that were deleted: their identifiers and nothing else, so that a backup that is put back does not
-- bring them back.
CREATE TABLE erased_accounts (
    account_id TEXT   NOT NULL PRIMARY KEY,
    -- Unix milliseconds.
    erased_at  BIGINT NOT NULL
) WITHOUT ROWID;
