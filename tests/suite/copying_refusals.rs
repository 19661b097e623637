//! What is not copied, and that nobody writes meanwhile.

use crate::copying::{copy, copy_telling, everything, pairs, refused};
use crate::device::caller;
use crate::support::{create, database, opportunity};
use afterview_tests::{Databases, TestApp};
use serde_json::json;
use std::ops::ControlFlow::Continue;

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://")
}

/// A database past every server.
fn open(url: &str) -> Databases {
    Databases::open([url.to_owned()])
}

#[actix_web::test]
async fn a_target_with_other_accounts_is_left_alone() {
    for (app, from, _) in pairs().await {
        app.user("anna").await;
        for other in TestApp::each().await {
            let ghost = "INSERT INTO accounts (account_id, email, created_at) \
                         VALUES ('ghost', 'ghost@example.org', 1)";
            database(&other).script(ghost).unwrap();
            let to = other.database_urls().remove(0);
            let before = everything(&to);
            let why = refused(&from, &to);
            assert!(why.contains("accounts that the source does not have (1)"), "{why}");
            assert_eq!(everything(&to), before);
        }
    }
}

#[actix_web::test]
async fn a_target_on_which_a_server_ran_is_left_alone() {
    for (app, from, targets) in pairs().await {
        let mut anna = app.user("anna").await;
        app.clock.set("2026-05-06T19:10:00Z");
        for target in &targets {
            copy(&from, &target.url()).unwrap();
        }
        anna.refresh().await;
        // Seen from its copies, the app's own database is a target on which a server ran.
        for target in &targets {
            let why = refused(&target.url(), &from);
            assert!(why.contains("sessions that the source does not have"), "{why}");
        }
        create(&anna, "/v1/opportunities", opportunity("acme")).await;
        let before = everything(&from);
        for target in &targets {
            let why = refused(&target.url(), &from);
            assert!(why.contains("changes that the source does not have (1)"), "{why}");
        }
        assert_eq!(everything(&from), before);
    }
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
        for (app, from, targets) in pairs().await {
            let anna = app.user("anna").await;
            database(&app).script(fault).unwrap();
            for target in targets {
                let why = refused(&from, &target.url());
                assert!(why.contains(&caller(&anna).0) && why.contains(told), "{why}");
                assert_eq!(open(&target.url()).count("accounts"), 0);
            }
        }
    }
}

#[actix_web::test]
async fn sources_and_targets_of_other_versions_are_refused() {
    let versions = "__diesel_schema_migrations";
    for (sql, source, target) in [
        (
            format!("INSERT INTO {versions} (version) VALUES ('99990101000001')"),
            "the source was made by a newer version",
            "the target was made by a newer version",
        ),
        (
            format!("DELETE FROM {versions} WHERE version > '20261123000004'"),
            "`afterview migrate`",
            "the target is of an older version",
        ),
        (format!("DROP TABLE {versions}"), "not a database of this program", "cannot bring"),
    ] {
        for (app, from, targets) in pairs().await {
            app.user("anna").await;
            let good = targets.into_iter().next().unwrap();
            copy(&from, &good.url()).unwrap();
            database(&app).script(&sql).unwrap();
            for bare in app.bare_databases() {
                let why = refused(&from, &bare.url());
                assert!(why.contains(source), "{why}");
            }
            let why = refused(&good.url(), &from);
            assert!(why.contains(target), "{why}");
        }
    }
}

#[actix_web::test]
async fn a_source_that_is_absent_or_the_target_itself_is_refused() {
    for (app, from, targets) in pairs().await {
        app.user("anna").await;
        let same = "source and target are the same database";
        assert_eq!(refused(&from, &from), same);
        if is_postgres(&from) {
            let alias = format!("{from}?application_name=other");
            assert!(refused(&from, &alias).starts_with(same));
        } else {
            let alias = format!("{from}.link");
            let paths = [&from, &alias].map(|url| url["sqlite://".len()..].to_owned());
            std::fs::hard_link(&paths[0], &paths[1]).unwrap();
            assert_eq!(refused(&from, &alias), same);
        }
        for target in targets {
            let why = refused(&target.url(), &from);
            let sign = if is_postgres(&target.url()) { "not a database of" } else { "there is no" };
            assert!(why.contains(sign), "{why}");
        }
    }
}

#[actix_web::test]
async fn nobody_writes_to_the_source_meanwhile_and_reading_goes_on() {
    for (app, from, targets) in pairs().await {
        app.user("anna").await;
        let (mut writer, mut tries) = (open(&from), 0);
        // What every unit of a server begins with, and what finding due work might do.
        let (at_once, writes, told) = if is_postgres(&from) {
            let writes =
                ["SELECT 1 FROM account_sync FOR UPDATE", "UPDATE plans SET leased_until = 1"];
            ("SET lock_timeout = '1ms'", writes.to_vec(), "lock timeout")
        } else {
            ("PRAGMA busy_timeout = 0", vec!["UPDATE accounts SET created_at = 1"], "locked")
        };
        writer.script(at_once).unwrap();
        for target in targets {
            copy_telling(&from, &target.url(), |_| {
                for sql in &writes {
                    let refused = writer.script(sql).unwrap_err();
                    assert!(refused.contains(told), "{refused}");
                }
                assert_eq!(writer.count("accounts"), 1);
                tries += 1;
                Continue(())
            })
            .unwrap();
            writes.iter().for_each(|sql| writer.script(sql).unwrap());
        }
        assert!(tries > 0);
    }
}

#[actix_web::test]
async fn a_copy_whose_lock_was_lost_is_no_copy_until_it_is_run_again() {
    for (app, from, targets) in pairs().await {
        if !is_postgres(&from) {
            continue;
        }
        for name in ["anna", "bob"] {
            app.user(name).await;
        }
        let mut administrator = open(&from);
        // The number of a table says nothing without its database: other tests copy in theirs.
        let holder = "SELECT CAST(pg_terminate_backend(pid) AS TEXT) AS line \
                      FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database \
                      WHERE datname = current_database() \
                      AND relation = 'accounts'::regclass AND mode = 'ExclusiveLock'";
        for target in targets {
            let mut ended = Vec::new();
            let broken = copy_telling(&from, &target.url(), |_| {
                ended.extend(administrator.lines(holder));
                Continue(())
            });
            assert_eq!(ended, ["true"]);
            let why = broken.unwrap_err().0;
            assert!(why.starts_with("the source was not held still to the end, run"), "{why}");
            let again = copy(&from, &target.url()).unwrap();
            assert_eq!((again.copied, again.equal), (0, 2));
        }
    }
}

#[actix_web::test]
async fn an_owner_of_the_tables_who_is_no_superuser_is_enough() {
    for (app, from, targets) in pairs().await {
        if !is_postgres(&from) {
            continue;
        }
        app.user("anna").await;
        let target = targets.into_iter().next_back().unwrap();
        // Roles belong to the whole server, so this one may be there already.
        let owner = "DO $$ BEGIN CREATE ROLE plain_owner LOGIN; \
                     EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
                     GRANT afterview_account, afterview_directory TO plain_owner;
                     DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO plain_owner', \
                     current_database()); END $$;";
        open(&target.url()).script(owner).unwrap();
        let url = target.url().replace("postgres://postgres@", "postgres://plain_owner@");
        copy(&from, &url).unwrap();
        for back in app.bare_databases() {
            copy(&url, &back.url()).unwrap();
            assert_eq!(everything(&back.url()), everything(&from));
        }
    }
}

#[actix_web::test]
async fn what_postgresql_cannot_store_is_named() {
    let (app, from, targets) = pairs().await.remove(0);
    let Some(target) = targets.into_iter().find(|target| is_postgres(&target.url())) else {
        return;
    };
    let anna = app.user("anna").await;
    copy(&from, &target.url()).unwrap();
    // No address lets it through; some other hand has to.
    let device = json!({"email": "anna@example.org", "password": "correct horse battery", "device": {"name": "a\0"}});
    anna.post("/v1/auth/login", device).await.expect_problem("validation_failed");
    database(&app).script("UPDATE sessions SET device_name = 'a' || char(0)").unwrap();
    let why = refused(&from, &target.url());
    let account = caller(&anna).0;
    assert!(why.starts_with(&format!("account {account}, table sessions: ")), "{why}");
    assert!(why.contains("NUL"), "{why}");
}
