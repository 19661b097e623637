//! What is not copied, and that nobody writes meanwhile.

use crate::copying::{accounts, copy, copy_telling, files, postgres, sqlite};
use crate::device::caller;
use crate::support::{count, database, open};
use afterview_tests::TestApp;
use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use serde_json::json;
use std::ops::ControlFlow::Continue;

#[actix_web::test]
async fn a_target_with_other_accounts_is_left_alone() {
    let (app, other) = (TestApp::start().await, TestApp::start().await);
    app.user("anna").await;
    let ghost = "INSERT INTO accounts VALUES ('somebody-else', 'ghost@example.org', NULL, 1)";
    database(&other).batch_execute(ghost).unwrap();
    let before = accounts(&other.database());
    let refused = copy(&sqlite(&app.database()), &sqlite(&other.database())).unwrap_err();
    assert!(refused.0.contains("accounts that the source does not have (1)"), "{refused}");
    assert_eq!(accounts(&other.database()), before);
}

#[actix_web::test]
async fn an_account_that_does_not_agree_with_itself_is_named_and_not_copied() {
    let faults = [
        ("UPDATE account_sync SET digest = digest + 1", "digest"),
        ("UPDATE records SET rev = rev + 1", "digest"),
        ("DELETE FROM records", "live records"),
        ("DELETE FROM account_sync", "no such account"),
    ];
    for (fault, told) in faults {
        let app = TestApp::start().await;
        let anna = app.user("anna").await;
        database(&app).batch_execute(fault).unwrap();
        let (file, target) = files(&app);
        let refused = copy(&file, &sqlite(&target)).unwrap_err().0;
        assert!(refused.contains(&caller(&anna).0) && refused.contains(told), "{refused}");
        assert_eq!(accounts(&target), [""; 0]);
    }
}

#[actix_web::test]
async fn sources_of_other_versions_and_none_are_refused() {
    let app = TestApp::start().await;
    app.user("anna").await;
    let (file, target) = files(&app);
    let absent = copy(&sqlite(&target), &file).unwrap_err();
    assert!(absent.0.contains("there is no database"), "{absent}");
    assert_eq!(copy(&file, &file).unwrap_err().0, "source and target are the same database");
    let versions = "__diesel_schema_migrations";
    for (sql, told) in [
        (format!("INSERT INTO {versions} (version) VALUES ('99990101000001')"), "newer version"),
        (format!("DELETE FROM {versions} WHERE version > '20261123000004'"), "afterview migrate"),
        (format!("DROP TABLE {versions}"), "not a database of this program"),
    ] {
        database(&app).batch_execute(&sql).unwrap();
        let refused = copy(&file, &sqlite(&target)).unwrap_err();
        assert!(refused.0.contains(told), "{refused}");
        assert!(!target.exists());
    }
}

#[actix_web::test]
async fn nobody_writes_to_the_source_meanwhile_and_reading_goes_on() {
    let app = TestApp::start().await;
    app.user("anna").await;
    let (file, target) = files(&app);
    let (mut writer, mut tries) = (open(&app.database()), 0);
    writer.batch_execute("PRAGMA busy_timeout = 0").unwrap();
    copy_telling(&file, &sqlite(&target), |_| {
        let refused = writer.batch_execute("UPDATE accounts SET created_at = 1").unwrap_err();
        assert!(refused.to_string().contains("locked"), "{refused}");
        assert_eq!(count(&mut writer, "accounts"), 1);
        tries += 1;
        Continue(())
    })
    .unwrap();
    assert!(tries > 0);
    writer.batch_execute("UPDATE accounts SET created_at = 1").unwrap();
    let Some(url) = postgres("held") else { return };
    copy(&file, &url).unwrap();
    let mut writer = PgConnection::establish(&url).unwrap();
    writer.batch_execute("SET lock_timeout = '1ms'").unwrap();
    copy_telling(&url, &sqlite(&target.with_file_name("second.db")), |_| {
        // What every unit of a server begins with, and what finding due work might do.
        for sql in ["SELECT 1 FROM account_sync FOR UPDATE", "UPDATE plans SET changes = changes"] {
            let refused = writer.batch_execute(sql).unwrap_err();
            assert!(refused.to_string().contains("lock timeout"), "{refused}");
        }
        writer.batch_execute("SELECT * FROM accounts").unwrap();
        Continue(())
    })
    .unwrap();
    writer.batch_execute("SELECT 1 FROM account_sync FOR UPDATE").unwrap();
}

#[actix_web::test]
async fn what_postgresql_cannot_store_is_named() {
    let Some(url) = postgres("nul") else { return };
    let app = TestApp::start().await;
    let anna = app.user("anna").await;
    let file = sqlite(&app.database());
    copy(&file, &url).unwrap();
    // No address lets it through; some other hand has to.
    let device = json!({"email": "anna@example.org", "password": "correct horse battery", "device": {"name": "a\0"}});
    anna.post("/v1/auth/login", device).await.expect_problem("validation_failed");
    database(&app).batch_execute("UPDATE sessions SET device_name = 'a' || char(0)").unwrap();
    let refused = copy(&file, &url).unwrap_err().0;
    let account = caller(&anna).0;
    assert!(refused.starts_with(&format!("account {account}, table sessions: ")), "{refused}");
    assert!(refused.contains("NUL"), "{refused}");
}
