-- Who takes part, and the twin of each that pgbench writes to. Nothing of the server knows this schema.
CREATE SCHEMA bench;

CREATE TABLE bench.accounts (number INTEGER PRIMARY KEY, account_id TEXT COLLATE "C", twin TEXT COLLATE "C");
INSERT INTO bench.accounts
SELECT substr(split_part(email, '@', 1), 6)::integer, account_id, 'b' || substr(account_id, 2)
FROM accounts WHERE email LIKE 'bench%';

-- Pushes that pgbench may patch.
CREATE TABLE bench.stock (turn INTEGER PRIMARY KEY, account_id TEXT COLLATE "C", collections TEXT, ids TEXT);

-- Makes the rows of accounts, and of their twins, the same as those of another account.
CREATE FUNCTION bench.copy(model TEXT, first INTEGER, last INTEGER, twins BOOLEAN, tables TEXT[])
RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    model_id TEXT := (SELECT account_id FROM accounts WHERE email = model);
    copied TEXT;
    columns TEXT;
BEGIN
    CREATE TEMP TABLE copies ON COMMIT DROP AS
        SELECT account_id AS copy FROM bench.accounts WHERE number BETWEEN first AND last
        UNION ALL SELECT twin FROM bench.accounts WHERE twins AND number BETWEEN first AND last;
    FOREACH copied IN ARRAY tables LOOP
        columns := (SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = copied AND column_name <> 'account_id');
        EXECUTE format('DELETE FROM %I WHERE account_id IN (SELECT copy FROM copies)', copied);
        EXECUTE format('INSERT INTO %I (account_id, %s) SELECT copy, %s FROM %I, copies WHERE account_id = %L',
            copied, columns, columns, copied, model_id);
    END LOOP;
END $$;
