//! The schema that the code believes in is the one that diesel's own program prints of the databases.

use crate::schema::{declared, migrations, postgres, run, tables};
use afterview_tests::{Databases, tool};
use std::process::Command;
use tempfile::TempDir;

fn assert_prints_what_is_declared(diesel: &str, url: &str) {
    let output =
        Command::new(diesel).args(["print-schema", "--database-url", url]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    // The same types under the names that PostgreSQL has for them.
    let printed = printed.replace("Int8", "BigInt").replace("Int4", "Integer");
    let mut printed = tables(&printed);
    printed.remove("__diesel_schema_migrations");
    assert_eq!(printed, declared());
}

#[test]
fn diesel_prints_the_schema_of_both_databases_as_the_code_declares_it() {
    let Some(diesel) = tool("AFTERVIEW_DIESEL") else { return };
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("afterview.db").display().to_string();
    let mut sqlite = Databases::open([format!("sqlite://{file}")]);
    run(&mut sqlite, migrations("sqlite").iter(), "up.sql");
    assert_prints_what_is_declared(&diesel, &file);

    if let Some((_, database)) = postgres() {
        assert_prints_what_is_declared(&diesel, database.url());
    }
}
