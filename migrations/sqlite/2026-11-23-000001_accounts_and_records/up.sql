-- Instants are Unix milliseconds. Every key begins with account_id: that is the wall between
-- tenants, and what makes the schema distributable by account.

CREATE TABLE accounts (
    account_id    TEXT   NOT NULL PRIMARY KEY,
    -- Lower case. The one column by which an account is looked up across accounts.
    email         TEXT   UNIQUE,
    password_hash TEXT,
    created_at    BIGINT NOT NULL
);

-- A session is a device. Refresh tokens are stored as SHA-256 in hexadecimal.
CREATE TABLE sessions (
    account_id       TEXT   NOT NULL,
    session_id       TEXT   NOT NULL,
    device_name      TEXT,
    platform         TEXT,
    app_id           TEXT,
    app_version      TEXT,
    refresh_hash     TEXT   NOT NULL,
    rotated_at       BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    revoked_at       BIGINT,
    PRIMARY KEY (account_id, session_id)
) WITHOUT ROWID;

-- So that a restarted node knows which access tokens are still unexpired but revoked.
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Refresh tokens that were exchanged. One that comes again is in somebody else's hands.
CREATE TABLE used_refresh_tokens (
    account_id TEXT   NOT NULL,
    token_hash TEXT   NOT NULL,
    session_id TEXT   NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash)
) WITHOUT ROWID;

-- One row per account: the head of its log. Locked first by every write.
CREATE TABLE account_sync (
    account_id   TEXT   NOT NULL PRIMARY KEY,
    epoch        BIGINT NOT NULL,
    last_stamp   BIGINT NOT NULL,
    gc_floor     BIGINT NOT NULL,
    digest       BIGINT NOT NULL,
    live_records BIGINT NOT NULL
);

-- Everything that is synced. doc is the record's JSON as it is served; a tombstone keeps it.
-- A rowid table with two indexes: measured faster than WITHOUT ROWID with the body inside.
CREATE TABLE records (
    account_id     TEXT   NOT NULL,
    collection     TEXT   NOT NULL,
    id             TEXT   NOT NULL,
    rev            BIGINT NOT NULL,
    created_rev    BIGINT NOT NULL,
    deleted_rev    BIGINT,
    -- "collection/id" of the deleted parent, when this tombstone came with it.
    cascade_of     TEXT,
    -- First stamp of the transaction that wrote this state.
    txn            BIGINT NOT NULL,
    opportunity_id TEXT,
    -- Instant by which lists can be narrowed: starts_at or due_at.
    sort_at        BIGINT,
    doc            TEXT   NOT NULL,
    field_meta     TEXT   NOT NULL,
    -- Fields that this version does not know, kept as they came.
    extra          TEXT,
    CONSTRAINT records_key PRIMARY KEY (account_id, collection, id)
);

CREATE UNIQUE INDEX records_rev ON records (account_id, rev);
CREATE INDEX records_opportunity ON records (account_id, opportunity_id)
    WHERE opportunity_id IS NOT NULL;

-- What each change replaced; a deletion and its end stand under deleted_rev. A creation has no row:
-- who and when stand in the record's field_meta, and what it set is still in the record or is the old
-- value of the first later change.
CREATE TABLE record_revs (
    account_id  TEXT   NOT NULL,
    rev         BIGINT NOT NULL,
    collection  TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    device_id   TEXT   NOT NULL,
    mutation_id TEXT,
    changed     TEXT   NOT NULL,
    PRIMARY KEY (account_id, rev)
) WITHOUT ROWID;

CREATE INDEX record_revs_record ON record_revs (account_id, collection, id, rev);

-- Answers to requests with an Idempotency-Key, written in the transaction of the request.
CREATE TABLE idempotency_keys (
    account_id   TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    etag         BIGINT,
    location     TEXT,
    body         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (account_id, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_keys_age ON idempotency_keys (account_id, created_at);

-- What sync needs besides: the ledger of mutations and the log of conflicts.
CREATE TABLE mutations (
    account_id  TEXT   NOT NULL,
    mutation_id TEXT   NOT NULL,
    device_id   TEXT   NOT NULL,
    result      TEXT   NOT NULL,
    rev         BIGINT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, mutation_id)
) WITHOUT ROWID;

CREATE TABLE conflicts (
    account_id TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    rev        BIGINT NOT NULL,
    collection TEXT   NOT NULL,
    record_id  TEXT   NOT NULL,
    field      TEXT   NOT NULL,
    policy     TEXT   NOT NULL,
    base       TEXT,
    mine       TEXT,
    theirs     TEXT,
    kept       TEXT   NOT NULL,
    device_id  TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;
