//! Claims, on a database of their own each.

use super::*;
use crate::store::plans::{KeptPlan, KeptReminder, Replacement};
use crate::store::{AccountWrite, Store, StoreOptions, Synchronous, accounts};
use crate::system::{SystemClock, SystemRandom};
use std::sync::Arc;
use tempfile::TempDir;

/// Whose reminders they are.
const ANNA: &str = "anna";

/// A store with one account.
async fn open(folder: &TempDir) -> Store {
    let options = StoreOptions {
        url: format!("sqlite://{}", folder.path().join("test.db").display()).into(),
        synchronous: Synchronous::Full,
        readers: 1,
        writers: 1,
        pooled: false,
        listen_url: None,
        watch: Arc::default(),
    };
    let store =
        Store::open(&options, Arc::new(SystemClock), &SystemRandom, |_| Ok(()), Arc::new(|_| ()))
            .expect("opened");
    let account = accounts::NewAccount {
        account_id: ANNA.to_owned(),
        email: Some("anna@example.org".to_owned()),
        password_hash: None,
        epoch: 1,
        created_at: 0,
    };
    let insert = move |connection: &mut DbConnection| accounts::insert(connection, &account);
    assert!(store.write_new(ANNA, insert).await.expect("written"));
    store
}

fn reminder(action: &str, remind_at: i64) -> KeptReminder {
    KeptReminder {
        action_key: action.to_owned(),
        follow_up_id: format!("id of {action}"),
        kind: "thank_you".to_owned(),
        remind_at,
        ideal: remind_at,
        snoozed_until: None,
        useful_until: remind_at + 1_000,
        is_done: false,
    }
}

/// Makes `wanted` the reminders of the account, as planning anew does.
async fn plan(store: &Store, wanted: &[KeptReminder]) {
    let wanted = wanted.to_vec();
    let replace = move |unit: &mut AccountWrite<'_>| {
        let mut known = unit.reminders(&["acme"])?;
        let known = known.remove("acme").unwrap_or_default();
        let wanted = wanted.clone();
        unit.replace_reminders(&[Replacement { opportunity_id: "acme", known: &known, wanted }])
    };
    store.write(ANNA, "phone", replace).await.expect("written");
}

async fn claim_up_to(store: &Store, now: i64, limit: i64) -> Vec<ClaimedReminder> {
    let claim =
        move |connection: &mut DbConnection| claim_reminders(connection, now, now + 60, limit);
    store.write_directory(claim).await.expect("claimed")
}

/// The actions claimed at `now` for a lease of 60.
async fn claim(store: &Store, now: i64) -> Vec<String> {
    let claimed = claim_up_to(store, now, 10).await;
    claimed.into_iter().map(|one| one.action_key).collect()
}

async fn next(store: &Store, now: i64) -> Option<i64> {
    store.read_directory(move |connection| next_due(connection, now)).await.expect("read")
}

async fn finish(store: &Store, action: &'static str, remind_at: i64) -> bool {
    let finish = move |connection: &mut DbConnection| {
        let done = [Finished { action_key: action, remind_at, outcome: Outcome::Sent }];
        finish_reminders(connection, ANNA, &done, remind_at)
    };
    store.write_unsynced(ANNA, finish).await.expect("written").len() == 1
}

#[actix_web::test]
async fn what_is_due_is_claimed_once_until_the_lease_ends() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    plan(&store, &[reminder("a", 100)]).await;
    assert_eq!(next(&store, 0).await, Some(100));
    assert!(claim(&store, 99).await.is_empty());
    let first = claim_up_to(&store, 100, 10).await;
    assert_eq!((first[0].action_key.as_str(), first[0].attempts), ("a", 1));
    assert_eq!((first[0].follow_up_id.as_str(), first[0].leased_until), ("id of a", 160));
    assert!(claim(&store, 159).await.is_empty());
    assert_eq!(next(&store, 159).await, Some(160));
    let second = claim_up_to(&store, 160, 10).await;
    assert_eq!((second[0].action_key.as_str(), second[0].attempts), ("a", 2));
}

#[actix_web::test]
async fn the_oldest_are_claimed_first_and_no_more_than_asked_for() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    let all = [reminder("a", 30), reminder("b", 10), reminder("c", 20), reminder("d", 40)];
    plan(&store, &all).await;
    let oldest = claim_up_to(&store, 50, 2).await;
    assert_eq!(oldest.iter().map(|it| it.action_key.as_str()).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(claim(&store, 50).await, ["a", "d"]);
    assert_eq!(next(&store, 50).await, Some(110));
}

#[actix_web::test]
async fn what_is_done_is_not_done_again_although_something_else_about_it_changes() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    plan(&store, &[reminder("a", 100)]).await;
    assert_eq!(claim(&store, 100).await, ["a"]);
    assert!(finish(&store, "a", 100).await);
    assert!(!finish(&store, "a", 100).await, "it was done with");
    let longer = KeptReminder { useful_until: 9_000, ..reminder("a", 100) };
    plan(&store, &[longer]).await;
    assert!(claim(&store, 500).await.is_empty());
    assert_eq!(next(&store, 500).await, None);
}

#[actix_web::test]
async fn what_is_being_done_stays_claimed_although_something_else_about_it_changes() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    plan(&store, &[reminder("a", 100)]).await;
    let claimed = claim_up_to(&store, 100, 10).await;
    plan(&store, &[KeptReminder { ideal: 120, ..reminder("a", 100) }]).await;
    assert!(claim(&store, 101).await.is_empty());
    let standing = store.read(ANNA, move |connection| still_standing(connection, ANNA, claimed));
    assert_eq!(standing.await.expect("read").len(), 1);
    assert!(finish(&store, "a", 100).await);
}

#[actix_web::test]
async fn with_another_time_it_is_due_anew_and_the_old_claim_counts_for_nothing() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    plan(&store, &[reminder("a", 100), reminder("b", 100)]).await;
    let claimed = claim_up_to(&store, 100, 10).await;
    assert!(finish(&store, "b", 100).await);
    plan(&store, &[reminder("a", 110), reminder("b", 120)]).await;
    let standing = store.read(ANNA, move |connection| still_standing(connection, ANNA, claimed));
    assert!(standing.await.expect("read").is_empty());
    assert!(!finish(&store, "a", 100).await, "that time is gone");
    assert_eq!(next(&store, 100).await, Some(110));
    let again = claim_up_to(&store, 120, 10).await;
    let again: Vec<_> = again.iter().map(|it| (it.action_key.as_str(), it.attempts)).collect();
    assert_eq!(again, [("a", 1), ("b", 1)]);
}

#[actix_web::test]
async fn what_is_given_back_is_claimed_again_from_then_on_unless_the_lease_was_lost() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    plan(&store, &[reminder("a", 100)]).await;
    let back = async |claimed: ClaimedReminder, at: i64| {
        let back = move |connection: &mut DbConnection| give_back(connection, &claimed, at);
        store.write_unsynced(ANNA, back).await.expect("written")
    };
    let first = claim_up_to(&store, 100, 10).await.remove(0);
    assert!(back(first.clone(), 130).await);
    assert!(claim(&store, 129).await.is_empty());
    assert_eq!(next(&store, 129).await, Some(130));
    assert_eq!(claim(&store, 130).await, ["a"]);
    assert!(!back(first, 131).await, "another one holds it");
}

async fn claim_plan(store: &Store, now: i64) -> Vec<String> {
    let claim = move |connection: &mut DbConnection| claim_plans(connection, now, now + 60, 10);
    let claimed = store.write_directory(claim).await.expect("claimed");
    claimed.into_iter().map(|plan| plan.opportunity_id).collect()
}

#[actix_web::test]
async fn a_plan_is_claimed_once_until_its_lease_ends_or_it_is_made_anew() {
    let folder = TempDir::new().expect("folder");
    let store = open(&folder).await;
    let keep = async |next_change_at: i64| {
        let kept = KeptPlan { next_change_at: Some(next_change_at), ..KeptPlan::empty() };
        let keep = move |unit: &mut AccountWrite<'_>| unit.keep_plans(&[("acme", &kept)]);
        store.write(ANNA, "phone", keep).await.expect("written");
    };
    let next = async |now: i64| {
        let next = store.read_directory(move |connection| next_change(connection, now));
        next.await.expect("read")
    };
    keep(100).await;
    assert_eq!((next(0).await, claim_plan(&store, 99).await.len()), (Some(100), 0));
    assert_eq!(claim_plan(&store, 100).await, ["acme"]);
    assert_eq!((next(159).await, claim_plan(&store, 159).await.len()), (Some(160), 0));
    assert_eq!(claim_plan(&store, 160).await, ["acme"]);
    keep(170).await;
    assert_eq!(next(161).await, Some(170));
    assert_eq!(claim_plan(&store, 170).await, ["acme"]);
}
