//! The promises of the store that cannot be seen from outside.

use super::{AfterCommit, Store, StoreError, StoreOptions, Synchronous, accounts};
use crate::system::SystemClock;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

fn open(folder: &TempDir) -> Store {
    open_with(folder, Arc::new(|_, _| ()))
}

fn open_with(folder: &TempDir, after_commit: AfterCommit) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", folder.path().join("test.db").display()),
        synchronous: Synchronous::Full,
        readers: 1,
    };
    Store::open(&options, Arc::new(SystemClock), |_| Ok(()), after_commit).expect("opened")
}

fn account(email: &str) -> accounts::NewAccount {
    accounts::NewAccount {
        account_id: email.to_owned(),
        email: email.to_owned(),
        password_hash: String::new(),
        epoch: 1,
        created_at: 0,
    }
}

async fn add(store: &Store, email: &'static str) -> Result<bool, StoreError> {
    let account = account(email);
    store.write_unsynced(move |connection| accounts::insert(connection, &account)).await
}

async fn knows(store: &Store, email: &'static str) -> bool {
    let found = store.read(move |connection| accounts::by_email(connection, email));
    found.await.expect("read").is_some()
}

#[actix_web::test]
async fn a_unit_that_panics_is_undone_and_the_next_ones_go_on() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    let broken: Result<(), StoreError> = store
        .write_unsynced(|connection| {
            accounts::insert(connection, &account("lost@example.org"))?;
            panic!("a bug in a unit");
        })
        .await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))));
    assert!(add(&store, "kept@example.org").await.expect("written"));
    assert!(!knows(&store, "lost@example.org").await);
    assert!(knows(&store, "kept@example.org").await);
}

#[actix_web::test]
async fn a_reading_unit_that_panics_does_not_take_its_thread_along() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    for _ in 0..3 {
        let broken: Result<(), StoreError> = store.read(|_| panic!("a bug in a unit")).await;
        assert!(matches!(broken, Err(StoreError::Unavailable(_))));
    }
    assert!(!knows(&store, "nobody@example.org").await);
}

#[actix_web::test]
async fn a_unit_that_fails_leaves_nothing_behind() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    assert!(add(&store, "once@example.org").await.expect("written"));
    assert!(!add(&store, "once@example.org").await.expect("refused"));
    let refused: Result<(), StoreError> = store
        .write_unsynced(|connection| {
            accounts::insert(connection, &account("undone@example.org"))?;
            Err(StoreError::UnknownAccount)
        })
        .await;
    assert!(matches!(refused, Err(StoreError::UnknownAccount)));
    assert!(!knows(&store, "undone@example.org").await);
}

#[actix_web::test]
async fn heads_are_told_after_the_commit_and_only_when_something_was_stamped() {
    let folder = TempDir::new().expect("folder");
    let told: Arc<Mutex<Vec<(String, i64)>>> = Arc::default();
    let note = Arc::clone(&told);
    let after_commit = move |account_id: &str, head| {
        note.lock().expect("unpoisoned").push((account_id.to_owned(), head));
    };
    let store = open_with(&folder, Arc::new(after_commit));
    assert!(add(&store, "anna").await.expect("written"));
    store.write("anna", "phone", |_| Ok::<_, StoreError>(())).await.expect("nothing to do");
    let refused: Result<(), StoreError> = store
        .write("anna", "phone", |unit| {
            unit.take_stamp();
            Err(StoreError::UnknownAccount)
        })
        .await;
    assert!(refused.is_err() && told.lock().expect("unpoisoned").is_empty());
    let stamps = store
        .write("anna", "phone", |unit| Ok::<_, StoreError>((unit.take_stamp(), unit.take_stamp())));
    let (_, last) = stamps.await.expect("written");
    assert_eq!(*told.lock().expect("unpoisoned"), [("anna".to_owned(), last)]);
}
