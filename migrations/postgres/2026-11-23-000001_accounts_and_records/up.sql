-- Instants are Unix milliseconds. Every key begins with account_id: that is the wall between
-- tenants, and what makes the schema distributable by account. Names sort by their bytes, whatever the
-- language of the database.

-- The wall itself. The program never works as the owner of the tables. In each transaction it becomes
-- afterview_account, which sees the rows of the account that the transaction names and nothing when it
-- names none, or afterview_directory, which sees every account but only the few tables in which accounts
-- are looked up and due work is found. Roles belong to the whole server: they may be there already, and
-- no migration takes them away.
DO $$
DECLARE wanted TEXT;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['afterview_account', 'afterview_directory'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                -- Another database of this server was quicker.
                NULL;
            END;
        END IF;
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
            AND NOT pg_has_role(current_user, wanted, 'USAGE') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
END $$;

-- Puts a table behind the wall.
CREATE FUNCTION afterview_wall(walled REGCLASS) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', walled);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', walled);
    EXECUTE format(
        'CREATE POLICY own_account ON %s TO afterview_account '
        'USING (account_id = (SELECT current_setting(''afterview.account_id'', true)))', walled);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO afterview_account', walled);
END $$;

-- Opens some columns of a table of every account. The command is SELECT or UPDATE with the columns.
CREATE FUNCTION afterview_directory_may(command TEXT, opened REGCLASS) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE POLICY %I ON %s FOR %s TO afterview_directory USING (true)',
        'directory_' || lower(split_part(command, ' ', 1)), opened, split_part(command, ' ', 1));
    EXECUTE format('GRANT %s ON %s TO afterview_directory', command, opened);
END $$;

CREATE TABLE accounts (
    account_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- Lower case. The one column by which an account is looked up across accounts.
    email         TEXT COLLATE "C" UNIQUE,
    password_hash TEXT,
    created_at    BIGINT NOT NULL
);

-- A session is a device. Refresh tokens are stored as SHA-256 in hexadecimal.
CREATE TABLE sessions (
    account_id       TEXT COLLATE "C" NOT NULL,
    session_id       TEXT COLLATE "C" NOT NULL,
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
);

-- So that a restarted node knows which access tokens are still unexpired but revoked.
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Refresh tokens that were exchanged. One that comes again is in somebody else's hands.
CREATE TABLE used_refresh_tokens (
    account_id TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    session_id TEXT COLLATE "C" NOT NULL,
    used_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash)
);

-- One row per account: the head of its log. Locked first by every write.
CREATE TABLE account_sync (
    account_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    epoch        BIGINT NOT NULL,
    last_stamp   BIGINT NOT NULL,
    gc_floor     BIGINT NOT NULL,
    digest       BIGINT NOT NULL,
    live_records BIGINT NOT NULL
);

-- Everything that is synced. doc is the record's JSON as it is served; a tombstone keeps it.
CREATE TABLE records (
    account_id     TEXT COLLATE "C" NOT NULL,
    collection     TEXT COLLATE "C" NOT NULL,
    id             TEXT COLLATE "C" NOT NULL,
    rev            BIGINT NOT NULL,
    created_rev    BIGINT NOT NULL,
    deleted_rev    BIGINT,
    -- "collection/id" of the deleted parent, when this tombstone came with it.
    cascade_of     TEXT COLLATE "C",
    -- First stamp of the transaction that wrote this state.
    txn            BIGINT NOT NULL,
    opportunity_id TEXT COLLATE "C",
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
    account_id  TEXT COLLATE "C" NOT NULL,
    rev         BIGINT NOT NULL,
    collection  TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    device_id   TEXT COLLATE "C" NOT NULL,
    mutation_id TEXT COLLATE "C",
    changed     TEXT   NOT NULL,
    PRIMARY KEY (account_id, rev)
);

CREATE INDEX record_revs_record ON record_revs (account_id, collection, id, rev);

-- Answers to requests with an Idempotency-Key, written in the transaction of the request.
CREATE TABLE idempotency_keys (
    account_id   TEXT COLLATE "C" NOT NULL,
    key          TEXT COLLATE "C" NOT NULL,
    request_hash TEXT    NOT NULL,
    status       INTEGER NOT NULL,
    etag         BIGINT,
    location     TEXT,
    body         TEXT    NOT NULL,
    created_at   BIGINT  NOT NULL,
    PRIMARY KEY (account_id, key)
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (account_id, created_at);

-- What sync needs besides: the ledger of mutations and the log of conflicts.
CREATE TABLE mutations (
    account_id  TEXT COLLATE "C" NOT NULL,
    mutation_id TEXT COLLATE "C" NOT NULL,
    device_id   TEXT COLLATE "C" NOT NULL,
    result      TEXT   NOT NULL,
    rev         BIGINT,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, mutation_id)
);

CREATE TABLE conflicts (
    account_id TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    rev        BIGINT NOT NULL,
    collection TEXT COLLATE "C" NOT NULL,
    record_id  TEXT   NOT NULL,
    field      TEXT   NOT NULL,
    policy     TEXT   NOT NULL,
    base       TEXT,
    mine       TEXT,
    theirs     TEXT,
    kept       TEXT   NOT NULL,
    device_id  TEXT COLLATE "C" NOT NULL,
    state      TEXT   NOT NULL,
    PRIMARY KEY (account_id, id)
);

SELECT afterview_wall('accounts');
SELECT afterview_wall('sessions');
SELECT afterview_wall('used_refresh_tokens');
SELECT afterview_wall('account_sync');
SELECT afterview_wall('records');
SELECT afterview_wall('record_revs');
SELECT afterview_wall('idempotency_keys');
SELECT afterview_wall('mutations');
SELECT afterview_wall('conflicts');

-- Signing in by address, ended sessions, the names of all accounts for daily work, and those of
-- opportunities for planning anew after an upgrade. Nothing that anybody typed but the address.
SELECT afterview_directory_may('SELECT (account_id, email, password_hash)', 'accounts');
SELECT afterview_directory_may('SELECT (account_id, session_id, revoked_at)', 'sessions');
SELECT afterview_directory_may('SELECT (account_id, epoch, last_stamp)', 'account_sync');
SELECT afterview_directory_may('SELECT (account_id, collection, id, deleted_rev)', 'records');
