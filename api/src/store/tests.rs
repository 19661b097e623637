//! The promises of the store that cannot be seen from outside.

use super::{
    AccountFeed, AccountWrite, AfterCommit, Committed, DbConnection, Store, StoreError,
    StoreOptions, Synchronous, accounts,
};
use crate::system::{SystemClock, SystemRandom};
use afterview_domain::entities::Collection;
use afterview_domain::sync::{Log, create};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

fn open(folder: &TempDir) -> Store {
    open_with(folder, Arc::new(|_| ()))
}

fn open_with(folder: &TempDir, after_commit: AfterCommit) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", folder.path().join("test.db").display()).into(),
        synchronous: Synchronous::Full,
        readers: 1,
        writers: 1,
        pooled: false,
        listen_url: None,
        watch: Arc::default(),
    };
    Store::open(&options, Arc::new(SystemClock), &SystemRandom, |_| Ok(()), after_commit)
        .expect("opened")
}

fn account(email: &str) -> accounts::NewAccount {
    accounts::NewAccount {
        account_id: email.to_owned(),
        email: Some(email.to_owned()),
        password_hash: None,
        epoch: 1,
        created_at: 0,
    }
}

async fn add(store: &Store, email: &'static str) -> Result<bool, StoreError> {
    let account = account(email);
    let account_id = account.account_id.clone();
    let insert = move |connection: &mut DbConnection| accounts::insert(connection, &account);
    store.write_new(&account_id, insert).await
}

async fn knows(store: &Store, email: &'static str) -> bool {
    let found = store.read_directory(move |connection| accounts::by_email(connection, email));
    found.await.expect("read").is_some()
}

#[actix_web::test]
async fn a_unit_that_panics_is_undone_and_the_next_ones_go_on() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    let broken: Result<(), StoreError> = store
        .write_new("anna", |connection| {
            accounts::insert(connection, &account("lost@example.org"))?;
            panic!("a bug in a unit");
        })
        .await;
    assert!(matches!(broken, Err(StoreError::Unavailable(_))));
    assert!(add(&store, "kept@example.org").await.expect("written"));
    assert!(!knows(&store, "lost@example.org").await);
    assert!(knows(&store, "kept@example.org").await);
}

/// Whoever is refused because of a row must be able to read that row.
#[actix_web::test]
async fn a_unit_that_fails_is_answered_after_the_commit_of_what_it_saw() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    let waiting = |name: &'static str| {
        let (running, is_running) = channel();
        let (release, is_released) = channel::<()>();
        let wait = move |_: &mut DbConnection| {
            running.send(()).expect("told");
            is_released.recv().map_err(|_gone| StoreError::Unavailable(name.to_owned()))
        };
        (Box::pin(store.write_new(name, wait)), is_running, release)
    };
    // While the first one runs, the others queue up: they are one group.
    let (mut before, before_runs, let_before_end) = waiting("before");
    assert!((&mut before).now_or_never().is_none());
    before_runs.recv().expect("running");
    let mut adding = Box::pin(add(&store, "m@example.org"));
    assert!((&mut adding).now_or_never().is_none());
    let again = |connection: &mut DbConnection| match accounts::insert(
        connection,
        &account("m@example.org"),
    ) {
        Ok(false) => Err(StoreError::Unavailable("taken".to_owned())),
        other => other,
    };
    let mut refused = Box::pin(store.write_new("n", again));
    assert!((&mut refused).now_or_never().is_none());
    let (mut last, last_runs, let_last_end) = waiting("z");
    assert!((&mut last).now_or_never().is_none());
    let_before_end.send(()).expect("released");
    last_runs.recv().expect("running");
    assert!((&mut refused).now_or_never().is_none(), "answered before the commit");
    let_last_end.send(()).expect("released");
    assert!(matches!(refused.await, Err(StoreError::Unavailable(why)) if why == "taken"));
    assert!(knows(&store, "m@example.org").await);
    assert!(adding.await.expect("written"));
    before.await.expect("ended");
    last.await.expect("ended");
}

#[actix_web::test]
async fn a_reading_unit_that_panics_does_not_take_its_thread_along() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    for _ in 0..3 {
        let broken: Result<(), StoreError> =
            store.read("anna", |_| panic!("a bug in a unit")).await;
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
        .write_new("anna", |connection| {
            accounts::insert(connection, &account("undone@example.org"))?;
            Err(StoreError::UnknownAccount)
        })
        .await;
    assert!(matches!(refused, Err(StoreError::UnknownAccount)));
    assert!(!knows(&store, "undone@example.org").await);
}

/// It was run before, successfully, together with one that failed.
#[actix_web::test]
async fn a_unit_that_panics_when_it_is_run_again_is_not_acknowledged() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    let (running, is_running) = channel();
    let (release, is_released) = channel::<()>();
    let mut before = Box::pin(store.write_new("before", move |_| {
        running.send(()).expect("told");
        is_released.recv().map_err(|_gone| StoreError::UnknownAccount)
    }));
    assert!((&mut before).now_or_never().is_none());
    is_running.recv().expect("running");
    let mut runs = 0;
    let mut panicking = Box::pin(store.write_new("anna", move |connection| {
        runs += 1;
        assert!(runs < 2, "a bug in a unit");
        accounts::insert(connection, &account("lost@example.org"))
    }));
    let refuse = |_: &mut DbConnection| Err::<(), _>(StoreError::UnknownAccount);
    let mut refused = Box::pin(store.write_new("bob", refuse));
    assert!((&mut panicking).now_or_never().is_none() && (&mut refused).now_or_never().is_none());
    release.send(()).expect("released");
    before.await.expect("ended");
    assert!(matches!(refused.await, Err(StoreError::UnknownAccount)));
    assert!(panicking.await.is_err(), "acknowledged, and undone");
    assert!(!knows(&store, "lost@example.org").await);
}

/// However it ended, the units beside it are committed when they are answered.
#[actix_web::test]
async fn a_unit_that_ends_inside_of_a_part_is_undone_as_a_whole() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    assert!(add(&store, "anna").await.expect("written"));
    for (panics, email) in [(false, "bob"), (true, "carl")] {
        let (running, is_running) = channel();
        let (release, is_released) = channel::<()>();
        let mut before = Box::pin(store.write_new("before", move |_| {
            running.send(()).expect("told");
            is_released.recv().map_err(|_gone| StoreError::UnknownAccount)
        }));
        assert!((&mut before).now_or_never().is_none());
        is_running.recv().expect("running");
        // While that one runs, the others queue up: they are one group.
        let mut leaving = Box::pin(store.write("anna", "phone", move |unit| {
            let body = Map::from_iter([("title".to_owned(), Value::from("A talk"))]);
            create(unit, Collection::Supplements, "a", &body).expect("valid");
            unit.begin().expect("open");
            unit.begin().expect("open");
            assert!(!panics, "a bug in a unit");
            Err::<(), _>(StoreError::UnknownAccount)
        }));
        let mut adding = Box::pin(add(&store, email));
        assert!((&mut leaving).now_or_never().is_none() && (&mut adding).now_or_never().is_none());
        release.send(()).expect("released");
        before.await.expect("ended");
        assert!(leaving.await.is_err());
        assert!(adding.await.expect("written"));
        assert!(knows(&store, email).await, "acknowledged, and not there");
    }
    let stored =
        store.read("anna", |connection| AccountFeed::new(connection, "anna").live_revs(None));
    assert_eq!(stored.await.expect("read"), []);
}

#[actix_web::test]
async fn heads_are_told_after_the_commit_and_only_when_something_was_stamped() {
    let folder = TempDir::new().expect("folder");
    let told: Arc<Mutex<Vec<(String, i64)>>> = Arc::default();
    let note = Arc::clone(&told);
    let after_commit = move |change: &Committed<'_>| {
        assert_eq!(change.device_id, "phone");
        note.lock().expect("unpoisoned").push((change.account_id.to_owned(), change.head));
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

#[actix_web::test]
async fn what_an_undone_part_wrote_is_gone_and_what_came_before_it_stays() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder);
    assert!(add(&store, "anna").await.expect("written"));
    let seen = store.write("anna", "phone", |unit| {
        let put = |unit: &mut AccountWrite<'_>, id: &str| {
            let body = Map::from_iter([("title".to_owned(), Value::from("A talk"))]);
            create(unit, Collection::Supplements, id, &body).expect("valid");
        };
        put(unit, "a");
        unit.begin().expect("open");
        put(unit, "b");
        unit.begin().expect("open");
        put(unit, "c");
        unit.undo().expect("closed");
        unit.keep().expect("closed");
        unit.begin().expect("open");
        put(unit, "d");
        unit.begin().expect("open");
        put(unit, "e");
        unit.keep().expect("closed");
        unit.undo().expect("closed");
        let known = ["a", "b", "c", "d", "e"]
            .map(|id| unit.find(Collection::Supplements, id).expect("read").is_some());
        Ok::<_, StoreError>((known, unit.live_records()))
    });
    assert_eq!(seen.await.expect("written"), ([true, true, false, false, false], 2));
    let stored =
        store.read("anna", |connection| AccountFeed::new(connection, "anna").live_revs(None));
    let stored: Vec<String> = stored.await.expect("read").into_iter().map(|it| it.id).collect();
    assert_eq!(stored, ["a", "b"]);
}
