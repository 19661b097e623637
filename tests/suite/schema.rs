//! The schema: what the migrations make is what the code believes in, on both databases.

use crate::support::database;
use afterview_domain::entities::Collection;
use afterview_tests::postgres::{Database, SharedCluster, is_available};
use afterview_tests::{Databases, TestApp};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The views for people who write reports.
pub(crate) const VIEWS: [&str; 9] = [
    "commitments",
    "contacts",
    "expectations",
    "follow_ups",
    "interviews",
    "offers",
    "opportunities",
    "replies",
    "supplements",
];

const SQLITE: &str =
    "SELECT type || ' ' || name || ': ' || coalesce(sql, '') AS line FROM sqlite_master ORDER BY 1";

/// Everything that the migrations make in PostgreSQL, one line each. Roles are not in the database.
const POSTGRES: &str = "
    SELECT 'column ' || attrelid::regclass || ' '
        || row_number() OVER (PARTITION BY attrelid ORDER BY attnum) || ' ' || attname || ' '
        || format_type(atttypid, atttypmod) || ' ' || attnotnull
        || ' ' || coalesce(collname, '-') AS line
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_collation ON pg_collation.oid = attcollation
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') AND attnum > 0
        AND NOT attisdropped
    UNION ALL
    SELECT relkind::text || ' ' || relname || ' ' || relrowsecurity || relforcerowsecurity || ' '
        || coalesce(array_to_string(reloptions, ','), '') || ' '
        || CASE relkind WHEN 'v' THEN pg_get_viewdef(oid) ELSE '' END
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'
    UNION ALL
    SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'policy ' || tablename || ' ' || policyname || ' ' || permissive || ' '
        || array_to_string(roles, ',') || ' ' || cmd || ' ' || coalesce(qual, '-') || ' '
        || coalesce(with_check, '-')
    FROM pg_policies
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(oid)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL
    SELECT 'privilege ' || table_name || '.' || column_name || ' ' || grantee || ' ' || privilege_type
    FROM information_schema.column_privileges
    WHERE table_schema = 'public' AND grantee LIKE 'afterview%'
    UNION ALL
    SELECT 'privilege ' || table_name || ' ' || grantee || ' ' || privilege_type
    FROM information_schema.table_privileges
    WHERE table_schema = 'public' AND grantee LIKE 'afterview%'
    ORDER BY 1";

/// The migrations of a backend, in their order.
pub(crate) fn migrations(backend: &str) -> Vec<PathBuf> {
    let folder = format!("{}/../migrations/{backend}", env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

pub(crate) fn run<'m>(
    databases: &mut Databases,
    migrations: impl Iterator<Item = &'m PathBuf>,
    file: &str,
) {
    for migration in migrations {
        let text = fs::read_to_string(migration.join(file)).unwrap();
        databases.script(&text).unwrap_or_else(|error| panic!("{migration:?}: {error}"));
    }
}

/// A SQLite database on which the migrations ran.
fn sqlite() -> Databases {
    let mut databases = Databases::open(["sqlite://:memory:".to_owned()]);
    run(&mut databases, migrations("sqlite").iter(), "up.sql");
    databases
}

/// A PostgreSQL database on which the migrations ran.
pub(crate) fn postgres() -> Option<(Databases, Database)> {
    let database = is_available().then(|| SharedCluster::get().create_database(None))?;
    let mut databases = Databases::open([database.url().to_owned()]);
    run(&mut databases, migrations("postgres").iter(), "up.sql");
    Some((databases, database))
}

/// `table → column type [NULL]` of every `diesel::table!` of the code.
pub(crate) fn declared() -> BTreeMap<String, Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/src/store/schema.rs");
    tables(&fs::read_to_string(path).unwrap())
}

/// `table → column type [NULL]` of every `diesel::table!` in a text.
pub(crate) fn tables(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for table in text.split("diesel::table! {").skip(1) {
        let (head, columns) = table.trim().split_once(" {").unwrap();
        let columns = columns
            .split('}')
            .next()
            .unwrap()
            .lines()
            .filter_map(|line| line.trim().strip_suffix(','));
        let columns = columns.map(|column| {
            let (name, kind) = column.split_once(" -> ").unwrap();
            let plain = kind.trim_start_matches("Nullable<").trim_end_matches('>');
            let null = if plain == kind { "" } else { " NULL" };
            format!("{name} {}{null}", plain.to_uppercase())
        });
        tables.insert(head.split(' ').next().unwrap().to_owned(), columns.collect());
    }
    tables
}

#[test]
fn both_databases_have_migrations_of_the_same_versions_and_names() {
    let names = |backend| {
        let all = migrations(backend).into_iter();
        all.map(|path| path.file_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn the_migrations_make_the_tables_that_the_code_declares() {
    let mut connection = sqlite();
    let declared = declared();
    let made = connection.lines(
        // Without those in which SQLite keeps its statistics.
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' \
         AND name NOT LIKE 'sqlite_stat%' ORDER BY 1",
    );
    assert_eq!(made, Vec::from_iter(declared.keys().cloned()));
    for (table, columns) in declared {
        let query = format!(
            "SELECT name || ' ' || type || iif(\"notnull\", '', ' NULL') AS line \
             FROM pragma_table_info('{table}') ORDER BY cid"
        );
        assert_eq!(connection.lines(&query), columns, "{table}");
    }
}

#[test]
fn on_postgresql_they_make_the_same() {
    let Some((mut connection, _database)) = postgres() else { return };
    let declared = declared();
    let made = connection.lines(
        "SELECT relname::text COLLATE \"C\" AS line FROM pg_class \
         WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    );
    assert_eq!(made, Vec::from_iter(declared.keys().cloned()));
    for (table, columns) in declared {
        let query = format!(
            "SELECT attname || ' ' || upper(format_type(atttypid, atttypmod)) \
                || CASE WHEN attnotnull THEN '' ELSE ' NULL' END AS line \
             FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 \
                AND NOT attisdropped ORDER BY attnum"
        );
        assert_eq!(connection.lines(&query), columns, "{table}");
    }
}

#[test]
fn migrations_can_be_taken_back_and_leave_nothing() {
    let mut connection = sqlite();
    let migrations = migrations("sqlite");
    let first = connection.lines(SQLITE);
    assert!(first.len() > 20, "{first:?}");
    run(&mut connection, migrations.iter().rev(), "down.sql");
    assert_eq!(connection.lines(SQLITE), [""; 0]);
    run(&mut connection, migrations.iter(), "up.sql");
    assert_eq!(connection.lines(SQLITE), first);
}

#[test]
fn on_postgresql_they_leave_nothing_either() {
    let Some((mut connection, _database)) = postgres() else { return };
    let migrations = migrations("postgres");
    let first = connection.lines(POSTGRES);
    assert!(first.len() > 100, "{first:?}");
    run(&mut connection, migrations.iter().rev(), "down.sql");
    assert_eq!(connection.lines(POSTGRES), [""; 0]);
    run(&mut connection, migrations.iter(), "up.sql");
    assert_eq!(connection.lines(POSTGRES), first);
}

#[test]
fn each_single_migration_can_be_taken_back() {
    let mut all = vec![("sqlite", SQLITE, Databases::open(["sqlite://:memory:".to_owned()]))];
    let database = is_available().then(|| SharedCluster::get().create_database(None));
    if let Some(database) = &database {
        all.push(("postgres", POSTGRES, Databases::open([database.url().to_owned()])));
    }
    for (backend, schema, mut connection) in all {
        for migration in migrations(backend) {
            let before = connection.lines(schema);
            run(&mut connection, [&migration].into_iter(), "up.sql");
            let after = connection.lines(schema);
            run(&mut connection, [&migration].into_iter(), "down.sql");
            assert_eq!(connection.lines(schema), before, "{migration:?}");
            run(&mut connection, [&migration].into_iter(), "up.sql");
            assert_eq!(connection.lines(schema), after, "{migration:?}");
        }
    }
}

#[actix_web::test]
async fn a_started_server_has_the_schema_of_the_migrations() {
    for app in TestApp::each().await {
        let mut served = database(&app);
        // Only one of the two knows this name.
        let is_sqlite = served.script("SELECT 1 FROM sqlite_master").is_ok();
        let (query, plain) = if is_sqlite {
            (SQLITE, sqlite().lines(SQLITE))
        } else {
            let (mut connection, _database) = postgres().unwrap();
            (POSTGRES, connection.lines(POSTGRES))
        };
        let mut lines = served.lines(query);
        lines.retain(|line| !line.contains("__diesel_schema_migrations"));
        assert_eq!(lines, plain);
    }
}

#[test]
fn the_report_views_have_the_same_columns_which_are_fields() {
    let mut connection = sqlite();
    let views = "SELECT name AS line FROM sqlite_master WHERE type = 'view' ORDER BY 1";
    assert_eq!(connection.lines(views), VIEWS);
    let mut made = postgres();
    if let Some((postgres, _)) = &mut made {
        let views = "SELECT viewname::text COLLATE \"C\" AS line FROM pg_views \
                     WHERE schemaname = 'public' ORDER BY 1";
        assert_eq!(postgres.lines(views), VIEWS);
    }
    for view in VIEWS {
        let collection = Collection::from_word(view).unwrap();
        let columns = format!("SELECT name AS line FROM pragma_table_info('{view}') ORDER BY cid");
        let columns = connection.lines(&columns);
        for column in &columns {
            let own =
                ["account_id", "id", "rev", "created_at", "updated_at"].contains(&column.as_str());
            assert!(own || collection.shape().field(column).is_some(), "{view}.{column}");
        }
        if let Some((postgres, _)) = &mut made {
            let query = format!(
                "SELECT attname::text AS line FROM pg_attribute \
                 WHERE attrelid = '{view}'::regclass AND attnum > 0 ORDER BY attnum"
            );
            assert_eq!(postgres.lines(&query), columns, "{view}");
        }
    }
}
