-- Addresses by which calendar programs read an account's appointments. A feed that was ended has no row.
CREATE TABLE calendar_feeds (
    account_id   TEXT COLLATE "C" NOT NULL,
    feed_id      TEXT COLLATE "C" NOT NULL,
    -- What its owner calls it, and what calendar programs show.
    name         TEXT    NOT NULL,
    -- SHA-256 of the secret in the address, in hexadecimal.
    secret_hash  TEXT COLLATE "C" NOT NULL,
    -- How much of each event is told: private or full.
    detail       TEXT    NOT NULL,
    -- Which kinds of events there are, separated by blanks.
    components   TEXT    NOT NULL,
    -- Whether they remind: 1 or 0.
    alarms       INTEGER NOT NULL,
    created_at   BIGINT  NOT NULL,
    -- To an hour; null if never.
    last_read_at BIGINT,
    PRIMARY KEY (account_id, feed_id)
);

-- An address does not say whose it is.
CREATE UNIQUE INDEX calendar_feeds_hash ON calendar_feeds (secret_hash);

SELECT afterview_wall('calendar_feeds');
SELECT afterview_directory_may('SELECT (account_id, feed_id, secret_hash)', 'calendar_feeds');
