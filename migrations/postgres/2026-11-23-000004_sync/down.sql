DROP TABLE stream_tickets;
DROP TABLE lost_intervals;
DROP INDEX records_tombstones;
DROP INDEX records_of_nobody;
CREATE INDEX records_of_nobody ON records (account_id) WHERE opportunity_id IS NULL;
DROP TABLE mutations;

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

SELECT afterview_wall('mutations');
SELECT afterview_wall('conflicts');
