//! Files that are no good backup, and places that none may be put into.

use crate::backups::{back_up, restore};
use crate::copying::{everything, options};
use crate::schema::{migrations, run};
use crate::support::{create, database, opportunity};
use afterview_api::store::{RestoreOptions, Store};
use afterview_tests::{Databases, TestApp};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Where a file has its checksum.
const CHECKSUM: Range<usize> = 60..64;

/// CRC-32 as zip and PNG have it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// Gives a file that was changed the checksum that it should have now.
fn seal(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes[CHECKSUM].fill(0);
    let sum = crc32(&bytes).to_be_bytes();
    bytes[CHECKSUM].copy_from_slice(&sum);
    fs::write(file, bytes).unwrap();
}

/// An app with an account, and its backup.
async fn backed_up() -> Vec<(TestApp, PathBuf)> {
    let mut all = Vec::new();
    for app in TestApp::each().await {
        let client = app.user("candidate").await;
        create(&client, "/v1/opportunities", opportunity("acme")).await;
        let file = app.files().join("backup.db");
        back_up(&app, &app.database_urls().remove(0), &file).unwrap();
        all.push((app, file));
    }
    all
}

fn why(app: &TestApp, file: &Path, url: &str, how: &RestoreOptions) -> String {
    restore(app, file, url, how).unwrap_err().0
}

#[actix_web::test]
async fn one_wrong_bit_anywhere_is_found() {
    let (app, file) = backed_up().await.remove(0);
    let good = fs::read(&file).unwrap();
    let target = app.bare_databases().remove(0);
    let nothing = RestoreOptions::default();
    let places = (0..120).chain((120..good.len()).step_by(997)).chain([good.len() - 1]);
    for place in places {
        let mut bytes = good.clone();
        bytes[place] ^= 1;
        fs::write(&file, &bytes).unwrap();
        let why = why(&app, &file, &target.url(), &nothing);
        let signs =
            ["is damaged, its checksum", "is not a backup", "not one that `afterview backup` made"];
        assert!(signs.iter().any(|sign| why.contains(sign)), "{place}: {why}");
    }
    for length in [0, 1, 100, good.len() / 2, good.len() - 1] {
        fs::write(&file, &good[..length]).unwrap();
        let why = why(&app, &file, &target.url(), &nothing);
        assert!(why.contains("nothing was changed"), "{length}: {why}");
    }
    let path = target.url()["sqlite://".len()..].to_owned();
    assert!(!Path::new(&path).exists() && !Path::new(&format!("{path}.restoring")).exists());
    fs::write(&file, &good).unwrap();
    restore(&app, &file, &target.url(), &nothing).unwrap();
}

#[actix_web::test]
async fn a_backup_of_an_older_version_is_brought_up_to_date_and_one_of_a_newer_is_refused() {
    for (app, file) in backed_up().await {
        let wanted = everything(&app.database_urls().remove(0));
        let open = || Databases::open([format!("sqlite://{}", file.display())]);
        run(&mut open(), migrations("sqlite").iter().rev().take(1), "down.sql");
        let newest = "DELETE FROM __diesel_schema_migrations WHERE version = \
                      (SELECT max(version) FROM __diesel_schema_migrations)";
        open().script(newest).unwrap();
        seal(&file);
        for target in app.bare_databases() {
            restore(&app, &file, &target.url(), &RestoreOptions::default()).unwrap();
            assert_eq!(everything(&target.url()).len(), wanted.len() + 1, "a lost interval more");
        }
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000001')";
        open().script(newer).unwrap();
        seal(&file);
        for target in app.bare_databases() {
            let why = why(&app, &file, &target.url(), &RestoreOptions::default());
            assert!(why.contains("newer version of this program (0.1.0)"), "{why}");
        }
    }
}

#[actix_web::test]
async fn an_account_that_does_not_agree_with_itself_is_not_backed_up_and_not_restored() {
    for (app, file) in backed_up().await {
        Databases::open([format!("sqlite://{}", file.display())])
            .script("UPDATE records SET rev = rev + 1000000")
            .unwrap();
        seal(&file);
        for target in app.bare_databases() {
            let why = why(&app, &file, &target.url(), &RestoreOptions::default());
            assert!(why.contains("the digest of its log is not that of its records"), "{why}");
        }
        database(&app).script("UPDATE records SET rev = rev + 1000000").unwrap();
        let other = file.with_extension("other");
        let why = back_up(&app, &app.database_urls().remove(0), &other).unwrap_err().0;
        assert!(why.contains("the digest of its log is not that of its records"), "{why}");
        assert!(!other.exists() && !Store::unfinished(&other).exists());
    }
}

#[actix_web::test]
async fn no_file_is_overwritten_and_no_backup_is_served() {
    for (app, file) in backed_up().await {
        let good = fs::read(&file).unwrap();
        let why = back_up(&app, &app.database_urls().remove(0), &file).unwrap_err().0;
        assert!(why.contains("there is a file") && why.contains("already"), "{why}");
        let as_database = options(&format!("sqlite://{}", file.display()));
        let refused = Store::migrate(&as_database).unwrap_err().0;
        assert!(refused.contains("is a backup: `afterview restore`"), "{refused}");
        let how = RestoreOptions { replace: true, ..RestoreOptions::default() };
        let other = file.with_extension("other");
        fs::copy(&file, &other).unwrap();
        let url = format!("sqlite://{}", other.display());
        let why = restore(&app, &file, &url, &how).unwrap_err().0;
        assert!(why.contains("is a backup"), "{why}");
        assert_eq!(fs::read(&file).unwrap(), good);
        let absent = restore(&app, &file.with_extension("absent"), &url, &how).unwrap_err().0;
        assert!(!absent.is_empty());
    }
}

#[actix_web::test]
async fn nothing_is_put_in_the_place_of_a_server_that_runs_or_of_accounts_unasked() {
    for (app, file) in backed_up().await {
        let url = app.database_urls().remove(0);
        let before = everything(&url);
        let asked = RestoreOptions { replace: true, ..RestoreOptions::default() };
        for how in [RestoreOptions::default(), asked.clone()] {
            let why = why(&app, &file, &url, &how);
            let signs = ["is in use: stop the server first", "a server runs on the target"];
            assert!(signs.iter().any(|sign| why.contains(sign)), "{why}");
        }
        let (now, mut told) = (app.clock.get(), Vec::new());
        let app = app
            .while_stopped(|url| {
                let ids = &afterview_api::system::SystemRandom;
                let how = RestoreOptions::default();
                told.push(Store::restore(&file, &options(url), &how, now, ids).unwrap_err().0);
            })
            .await;
        let signs = ["with --replace it is put aside and kept", "the target has accounts (1)"];
        assert!(signs.iter().any(|sign| told[0].contains(sign)), "{told:?}");
        assert_eq!(everything(&app.database_urls().remove(0)), before);
    }
}

#[actix_web::test]
async fn a_file_that_cannot_be_read_any_more_is_kept_and_replaced_when_that_is_no_matter() {
    let (app, file) = backed_up().await.remove(0);
    let folder = app.files();
    let broken = folder.join("broken.db");
    fs::write(&broken, vec![7; 10_000]).unwrap();
    fs::write(folder.join("broken.db-wal"), "log").unwrap();
    let url = format!("sqlite://{}", broken.display());
    let asked = RestoreOptions { replace: true, ..RestoreOptions::default() };
    let why = why(&app, &file, &url, &asked);
    assert!(why.contains("--forget-deletions"), "{why}");
    let how = RestoreOptions { forget: true, ..asked };
    let kept = restore(&app, &file, &url, &how).unwrap().kept.unwrap();
    assert_eq!(fs::read(&kept).unwrap(), vec![7; 10_000]);
    assert_eq!(fs::read(format!("{}-wal", kept.display())).unwrap(), b"log");
    assert!(!folder.join("broken.db-wal").exists());
    assert_eq!(Databases::open([url]).count("accounts"), 1);
}
