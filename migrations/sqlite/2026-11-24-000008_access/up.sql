-- When its owner asked for its deletion: from then on nobody gets in, and a job deletes every row.
ALTER TABLE accounts ADD COLUMN locked_at BIGINT;
CREATE INDEX accounts_locked ON accounts (locked_at) WHERE locked_at IS NOT NULL;

-- What, together with the token before, makes the token in use: whoever lost an answer gets the same
-- token again. Base64url; null for sessions that were not refreshed since this column exists.
ALTER TABLE sessions ADD COLUMN rotation_salt TEXT;

-- Who an account is at a provider of identities (OpenID Connect).
CREATE TABLE identities (
    account_id    TEXT NOT NULL,
    -- SHA-256 of issuer and subject in hexadecimal.
    identity_hash TEXT NOT NULL,
    -- The provider's name in the settings.
    provider      TEXT   NOT NULL,
    issuer        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    -- As the provider said it when the two were joined; for the owner to read.
    email         TEXT,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, identity_hash)
) WITHOUT ROWID;

-- The third thing by which an account is looked up.
CREATE UNIQUE INDEX identities_hash ON identities (identity_hash);

-- Tokens that set a new password, by their SHA-256 in hexadecimal: single use, half an hour.
CREATE TABLE password_resets (
    account_id TEXT NOT NULL,
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash)
) WITHOUT ROWID;

-- Personal access tokens, for programs of the account's owner.
CREATE TABLE access_tokens (
    account_id   TEXT NOT NULL,
    token_id     TEXT NOT NULL,
    name         TEXT   NOT NULL,
    -- SHA-256 of the token in hexadecimal.
    token_hash   TEXT NOT NULL,
    -- What it allows, separated by blanks.
    scope        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (account_id, token_id)
) WITHOUT ROWID;

-- The fourth: a token does not say whose it is.
CREATE UNIQUE INDEX access_tokens_hash ON access_tokens (token_hash);

-- So that a restarted node knows which tokens it must not take any more.
CREATE INDEX access_tokens_revoked ON access_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

-- What happened to an account that its owner should know of.
CREATE TABLE audit_events (
    account_id TEXT NOT NULL,
    -- A UUID of version 7: in the order of time.
    id         TEXT NOT NULL,
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    -- The session or the personal token that did it; null when nobody was signed in.
    session_id TEXT,
    -- What it was done to, in words or as an identifier.
    about      TEXT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

-- What SQLite is to expect of the new indexes; see the migration on statistics.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('accounts', 'accounts_locked', '1 1'),
    ('identities', 'identities', '1000 1 1'),
    ('identities', 'identities_hash', '1000 1'),
    ('password_resets', 'password_resets', '100 1 1'),
    ('access_tokens', 'access_tokens', '1000 2 1'),
    ('access_tokens', 'access_tokens_hash', '1000 1'),
    ('access_tokens', 'access_tokens_revoked', '100 1'),
    ('audit_events', 'audit_events', '100000 50 1');
ANALYZE sqlite_schema;
