-- The ledger of mutations: what became of each, so that a repetition gets the same answer. The first
-- draft of this table and of the log of conflicts was never written to. A conflict is a record like
-- any other, so that it is synced like any other.
DROP TABLE mutations;
DROP TABLE conflicts;

CREATE TABLE mutations (
    account_id  TEXT COLLATE "C" NOT NULL,
    mutation_id TEXT COLLATE "C" NOT NULL,
    device_id   TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the mutation's content.
    fingerprint TEXT   NOT NULL,
    status      TEXT   NOT NULL,
    -- Stamp of the change that it made, if any.
    rev         BIGINT,
    -- The result as it was answered.
    result      TEXT   NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, mutation_id)
);

-- So that the ledger can forget what is old.
CREATE INDEX mutations_age ON mutations (account_id, received_at);

-- Tombstones stay by name when their content has been forgotten: they are found by age, and a plan does
-- not look at them.
CREATE INDEX records_tombstones ON records (account_id, deleted_rev) WHERE deleted_rev IS NOT NULL;
DROP INDEX records_of_nobody;
CREATE INDEX records_of_nobody ON records (account_id, opportunity_id, collection)
    WHERE opportunity_id IS NULL AND deleted_rev IS NULL;

-- Lineages of an account's log that a restore ended: stamps inside the interval, its start excluded,
-- were given out and are lost.
CREATE TABLE lost_intervals (
    account_id   TEXT COLLATE "C" NOT NULL,
    epoch        BIGINT NOT NULL,
    invalid_from BIGINT NOT NULL,
    invalid_to   BIGINT NOT NULL,
    PRIMARY KEY (account_id, epoch)
);

-- Tickets for the live stream, for clients that cannot send headers: single use, a minute.
CREATE TABLE stream_tickets (
    account_id  TEXT COLLATE "C" NOT NULL,
    ticket_hash TEXT COLLATE "C" NOT NULL,
    session_id  TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, ticket_hash)
);

SELECT afterview_wall('mutations');
SELECT afterview_wall('lost_intervals');
SELECT afterview_wall('stream_tickets');
