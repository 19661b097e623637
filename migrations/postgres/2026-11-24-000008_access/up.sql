-- When its owner asked for its deletion: from then on nobody gets in, and a job deletes every row.
ALTER TABLE accounts ADD COLUMN locked_at BIGINT;
CREATE INDEX accounts_locked ON accounts (locked_at) WHERE locked_at IS NOT NULL;

-- What, together with the token before, makes the token in use: whoever lost an answer gets the same
-- token again. Base64url; null for sessions that were not refreshed since this column exists.
ALTER TABLE sessions ADD COLUMN rotation_salt TEXT;

-- Who an account is at a provider of identities (OpenID Connect).
CREATE TABLE identities (
    account_id    TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of issuer and subject in hexadecimal.
    identity_hash TEXT COLLATE "C" NOT NULL,
    -- The provider's name in the settings.
    provider      TEXT   NOT NULL,
    issuer        TEXT   NOT NULL,
    subject       TEXT   NOT NULL,
    -- As the provider said it when the two were joined; for the owner to read.
    email         TEXT,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (account_id, identity_hash)
);

-- The third thing by which an account is looked up.
CREATE UNIQUE INDEX identities_hash ON identities (identity_hash);

-- Tokens that set a new password, by their SHA-256 in hexadecimal: single use, half an hour.
CREATE TABLE password_resets (
    account_id TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, token_hash)
);

-- Personal access tokens, for programs of the account's owner.
CREATE TABLE access_tokens (
    account_id   TEXT COLLATE "C" NOT NULL,
    token_id     TEXT COLLATE "C" NOT NULL,
    name         TEXT   NOT NULL,
    -- SHA-256 of the token in hexadecimal.
    token_hash   TEXT COLLATE "C" NOT NULL,
    -- What it allows, separated by blanks.
    scope        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at   BIGINT,
    PRIMARY KEY (account_id, token_id)
);

-- The fourth: a token does not say whose it is.
CREATE UNIQUE INDEX access_tokens_hash ON access_tokens (token_hash);

-- So that a restarted node knows which tokens it must not take any more.
CREATE INDEX access_tokens_revoked ON access_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

-- What happened to an account that its owner should know of.
CREATE TABLE audit_events (
    account_id TEXT COLLATE "C" NOT NULL,
    -- A UUID of version 7: in the order of time.
    id         TEXT COLLATE "C" NOT NULL,
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    -- The session or the personal token that did it; null when nobody was signed in.
    session_id TEXT COLLATE "C",
    -- What it was done to, in words or as an identifier.
    about      TEXT,
    PRIMARY KEY (account_id, id)
);

SELECT afterview_wall('identities');
SELECT afterview_wall('password_resets');
SELECT afterview_wall('access_tokens');
SELECT afterview_wall('audit_events');
GRANT SELECT (locked_at) ON accounts TO afterview_directory;
SELECT afterview_directory_may('SELECT (account_id, identity_hash)', 'identities');
SELECT afterview_directory_may(
    'SELECT (account_id, token_id, token_hash, scope, expires_at, revoked_at)', 'access_tokens');
