DROP TABLE stream_tickets;
DROP TABLE lost_intervals;
DROP INDEX records_tombstones;
DROP INDEX records_of_nobody;
CREATE INDEX records_of_nobody ON records (account_id) WHERE opportunity_id IS NULL;
DROP TABLE mutations;

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
