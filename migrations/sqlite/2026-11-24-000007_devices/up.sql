-- What a device last said about itself, one row a session, and how it can be reached. Whoever has an
-- address can send to the device: it is a secret, and belongs to one session at a time.
CREATE TABLE devices (
    account_id        TEXT NOT NULL,
    session_id        TEXT NOT NULL,
    reported_at       BIGINT NOT NULL,
    time_zone         TEXT,
    locale            TEXT,
    app_version       TEXT,
    -- Up to which stamp the device has scheduled the reminders itself.
    scheduled_through BIGINT NOT NULL,
    -- fcm_fid, fcm_token or web_push.
    push_kind         TEXT,
    push_address      TEXT,
    -- What a browser wants its messages encrypted with, as JSON.
    push_keys         TEXT,
    -- SHA-256 of kind and address in hexadecimal; null: not to be reached.
    push_hash         TEXT,
    -- When the provider refused it for good.
    push_refused_at   BIGINT,
    -- The provider takes nothing for it until then.
    parked_until      BIGINT,
    -- When it was last told to sync.
    poked_at          BIGINT,
    PRIMARY KEY (account_id, session_id)
) WITHOUT ROWID;

-- The second thing, after the address of e-mail, by which an account is looked up: an address that
-- another account registers leaves this one.
CREATE UNIQUE INDEX devices_address ON devices (push_hash) WHERE push_hash IS NOT NULL;

-- Every attempt to bring a notification to a device, and what became of those that went to none.
CREATE TABLE deliveries (
    account_id   TEXT NOT NULL,
    -- A UUID of version 7: in the order of time.
    id           TEXT NOT NULL,
    attempted_at BIGINT NOT NULL,
    -- reminder or test.
    purpose      TEXT   NOT NULL,
    -- action_key and occurrence name a reminder on every device.
    action_key   TEXT,
    follow_up_id TEXT,
    kind         TEXT,
    occurrence   BIGINT NOT NULL,
    session_id   TEXT,
    -- fcm, web_push or log; null where nothing was sent.
    way          TEXT,
    outcome      TEXT   NOT NULL,
    -- What the provider said: its name for the message, or why not. Identifiers only.
    detail       TEXT,
    PRIMARY KEY (account_id, id)
) WITHOUT ROWID;

CREATE INDEX deliveries_occurrence ON deliveries (account_id, action_key, occurrence);

-- What SQLite is to expect of the new indexes; see the migration on statistics.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('deliveries', 'deliveries', '1000000 1000 1'),
    ('deliveries', 'deliveries_occurrence', '1000000 1000 100 2');
ANALYZE sqlite_schema;
