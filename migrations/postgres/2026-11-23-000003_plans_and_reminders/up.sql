-- Plans are derived, never truth. What is kept here is only what the next re-planning compares with,
-- and when that is due: at the latest at next_change_at, and inside every write that touches the
-- opportunity. Losing these tables loses no fact; the next start makes them anew.
CREATE TABLE plans (
    account_id     TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C" NOT NULL,
    -- Versions of policy and holiday data; other versions are planned anew at start-up.
    versions       TEXT   NOT NULL,
    next_change_at BIGINT,
    outline        TEXT   NOT NULL,
    -- What the last write that moved something moved, as served.
    changed_at     BIGINT,
    changes        TEXT   NOT NULL,
    PRIMARY KEY (account_id, opportunity_id)
);

CREATE INDEX plans_next_change ON plans (next_change_at) WHERE next_change_at IS NOT NULL;

-- The notifications to come, one row for each open item; replaced in the transaction that changes
-- the facts. (action_key, remind_at) names a notification on every device.
CREATE TABLE reminders (
    account_id     TEXT COLLATE "C" NOT NULL,
    action_key     TEXT COLLATE "C" NOT NULL,
    opportunity_id TEXT COLLATE "C" NOT NULL,
    follow_up_id   TEXT COLLATE "C" NOT NULL,
    kind           TEXT   NOT NULL,
    remind_at      BIGINT NOT NULL,
    ideal          BIGINT NOT NULL,
    snoozed_until  BIGINT,
    useful_until   BIGINT NOT NULL,
    -- Stamp of the write that set it.
    version        BIGINT NOT NULL,
    PRIMARY KEY (account_id, action_key)
);

CREATE INDEX reminders_due ON reminders (remind_at);
CREATE INDEX reminders_opportunity ON reminders (account_id, opportunity_id);

-- What belongs to no opportunity in particular is read for every plan.
CREATE INDEX records_of_nobody ON records (account_id) WHERE opportunity_id IS NULL;

SELECT afterview_wall('plans');
SELECT afterview_wall('reminders');
-- Plans that change by themselves and reminders that are due are looked for in all accounts.
SELECT afterview_directory_may(
    'SELECT (account_id, opportunity_id, versions, next_change_at)', 'plans');
SELECT afterview_directory_may('SELECT (account_id, action_key, remind_at)', 'reminders');
