-- Who takes part, and the twin of each that pgbench writes to. Nothing of the server knows this schema.
CREATE SCHEMA bench;

CREATE TABLE bench.accounts (number INTEGER PRIMARY KEY, account_id TEXT COLLATE "C", twin TEXT COLLATE "C");
INSERT INTO bench.accounts
SELECT substr(split_part(email, '@', 1), 6)::integer, account_id, 'b' || substr(account_id, 2)
FROM accounts WHERE email LIKE 'bench%';

-- Pushes that pgbench may patch.
CREATE TABLE bench.stock (turn INTEGER PRIMARY KEY, account_id TEXT COLLATE "C", collections TEXT, ids TEXT);

-- The columns of a table that are not its owner.
CREATE FUNCTION bench.columns_of(wanted TEXT) RETURNS TEXT LANGUAGE sql AS $$
    SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name = wanted AND column_name <> 'account_id'
$$;

-- Makes the rows of twins the same as those of their accounts.
CREATE FUNCTION bench.make_twins(first INTEGER, last INTEGER, tables TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    copied TEXT;
BEGIN
    FOREACH copied IN ARRAY tables LOOP
        EXECUTE format('INSERT INTO %I (account_id, %s) SELECT twin, %s FROM %I JOIN bench.accounts USING (account_id)
            WHERE number BETWEEN %s AND %s',
            copied, bench.columns_of(copied), bench.columns_of(copied), copied, first, last);
    END LOOP;
END $$;

-- Makes the rows of accounts the same as those of another account.
CREATE FUNCTION bench.copy(model TEXT, first INTEGER, last INTEGER, tables TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    model_id TEXT := (SELECT account_id FROM accounts WHERE email = model);
    copied TEXT;
    columns TEXT;
BEGIN
    FOREACH copied IN ARRAY tables LOOP
        columns := bench.columns_of(copied);
        EXECUTE format('DELETE FROM %I WHERE account_id <> %L AND account_id IN
            (SELECT account_id FROM bench.accounts WHERE number BETWEEN %s AND %s)', copied, model_id, first, last);
        EXECUTE format('INSERT INTO %I (account_id, %s) SELECT bench.accounts.account_id, %s FROM %I, bench.accounts
            WHERE %I.account_id = %L AND number BETWEEN %s AND %s',
            copied, columns, columns, copied, copied, model_id, first, last);
    END LOOP;
END $$;
