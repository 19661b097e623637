-- How many webhooks of the account are enabled. It is read together with the lock of the log, so that a write
-- of an account without any costs nothing more.
ALTER TABLE account_sync ADD COLUMN webhooks BIGINT NOT NULL DEFAULT 0;

-- Where an account has its events sent.
CREATE TABLE webhooks (
    account_id        TEXT COLLATE "C" NOT NULL,
    webhook_id        TEXT COLLATE "C" NOT NULL,
    -- Its path and query may hold a secret of the receiver's.
    url               TEXT   NOT NULL,
    -- What its owner calls it.
    description       TEXT,
    -- Names of events, separated by blanks; empty: all, those of later versions included.
    events            TEXT   NOT NULL,
    -- What deliveries are signed with, as its owner got it: without it nothing could be signed.
    secret            TEXT   NOT NULL,
    -- The one before, which signs besides until previous_until.
    previous_secret   TEXT,
    previous_until    BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    -- Since when nothing is sent any more, and why: by_owner, gone or failing.
    disabled_at       BIGINT,
    disabled_reason   TEXT,
    -- Failures since the last success.
    failures          INTEGER NOT NULL,
    last_delivered_at BIGINT,
    -- After a failure nothing is tried before this.
    paused_until      BIGINT,
    -- When the next delivery is due; null: none waits.
    due_at            BIGINT,
    -- Until then a node is at it, and no other one takes it.
    leased_until      BIGINT,
    PRIMARY KEY (account_id, webhook_id)
);

CREATE INDEX webhooks_due ON webhooks (due_at) WHERE due_at IS NOT NULL;

-- Every event on its way to a webhook, and for a while what became of it.
CREATE TABLE webhook_deliveries (
    account_id      TEXT COLLATE "C" NOT NULL,
    -- A UUID of version 7: in the order of time. The receiver knows the event by it.
    id              TEXT COLLATE "C" NOT NULL,
    webhook_id      TEXT COLLATE "C" NOT NULL,
    -- The name of the event.
    event           TEXT   NOT NULL,
    -- The body as it is signed and sent; null when nothing is to be sent any more.
    payload         TEXT,
    created_at      BIGINT NOT NULL,
    attempts        INTEGER NOT NULL,
    attempted_at    BIGINT,
    -- The status of the last answer; null where there was none.
    last_status     INTEGER,
    -- What else there is to say of the last attempt.
    detail          TEXT,
    -- waiting, delivered, failed or dropped.
    outcome         TEXT   NOT NULL,
    -- Null when nothing is to be sent any more.
    next_attempt_at BIGINT,
    PRIMARY KEY (account_id, id)
);

CREATE INDEX webhook_deliveries_of ON webhook_deliveries (account_id, webhook_id, id);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (account_id, webhook_id, next_attempt_at)
    WHERE next_attempt_at IS NOT NULL;

SELECT afterview_wall('webhooks');
SELECT afterview_wall('webhook_deliveries');
-- What is due is found in all accounts at once, and nothing is changed but the lease.
SELECT afterview_directory_may('SELECT (account_id, webhook_id, due_at, leased_until)', 'webhooks');
SELECT afterview_directory_may('UPDATE (leased_until)', 'webhooks');
