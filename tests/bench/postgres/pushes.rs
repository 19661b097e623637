//! Pushes of a hundred mutations: creates, then patches of what they made.

use super::pgbench::Pgbench;
use super::scene::{ALL, Scene, hot};
use super::{Request, beside, named, span, template};
use crate::load::Connection;
use crate::scene::Account;
use crate::sync::{MUTATIONS, creates, patches, stock};
use serde_json::Value;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Connections, and pushes of one turn: an account holds 50,000 records at most.
const PUSHES: [(usize, u32); 2] = [(1, 80), (8, 80)];

/// How long a turn of pgbench takes.
const SECONDS: u32 = 1;

/// The number of the push whose rows pgbench writes, too.
const PROBE: u32 = 9_999;

/// Writes the request of a round. With a limit of one change, its answer is that to the push.
pub(super) fn round(
    account: &Account,
    into: &mut Vec<u8>,
    cursor: &str,
    changes: usize,
    mutations: &str,
) {
    let body = format!(
        r#"{{"protocol":1,"schema":1,"cursor":{cursor},"client_time":1780000000000,"max_changes":{changes},"mutations":[{mutations}]}}"#
    );
    account.write(into, "POST /v1/sync", "", body.as_bytes());
}

/// For all accounts and for one, by one connection and by many.
pub(super) fn creates_and_patches(scene: &Scene) {
    for (turn, (clients, requests)) in PUSHES.into_iter().enumerate() {
        for (kind, accounts) in [ALL, hot(3 + turn)].into_iter().enumerate() {
            let run = u32::try_from(10 + 2 * turn + kind).unwrap();
            of_creates(scene, run, &accounts, (clients, requests));
            of_patches(scene, run, &accounts, (clients, requests));
        }
    }
}

fn exchange(scene: &Scene, request: Request<'_>, number: u32) -> String {
    let mut text = Vec::new();
    request(0, number, &mut text);
    let mut connection = Connection::open(scene.server.address);
    let answer = connection.exchange(&text);
    let body = std::str::from_utf8(answer.body).unwrap().to_owned();
    assert!(answer.status == 200 && !body.contains("\"rejected\""), "{body}");
    body
}

fn of_creates(scene: &Scene, run: u32, accounts: &Range<usize>, size: (usize, u32)) {
    let owner = |push: u32| accounts.start + usize::try_from(push).unwrap() % accounts.len();
    let create = |_: usize, push: u32, into: &mut Vec<u8>| {
        round(&scene.accounts[owner(push)], into, "null", 1, &creates(run, push));
    };
    exchange(scene, &create, PROBE);
    let mut variables =
        template::of_creates(&scene.database, owner(PROBE), &format!("{run:04x}{PROBE:04x}"));
    variables.extend(span(accounts));
    let (clients, requests) = size;
    scene.database.settle();
    let script = include_str!("scripts/push_creates.sql");
    let pgbench =
        Pgbench { database: &scene.database, script, clients, seconds: SECONDS, variables };
    let name = named("push 100 creates", accounts, clients);
    beside(&name, scene, (200, requests), &create, &pgbench);
}

fn of_patches(scene: &Scene, run: u32, accounts: &Range<usize>, size: (usize, u32)) {
    let (clients, requests) = (size.0, size.1 / 2);
    let pushes = usize::try_from(requests).unwrap() * 6;
    // Each push of creates is patched once, and not all of them are.
    let stock: Vec<_> = accounts
        .clone()
        .take(pushes)
        .flat_map(|whose| {
            let stock = stock(&scene.server, &scene.accounts[whose], run);
            let pushes: Vec<_> = stock.chunks(MUTATIONS).map(<[_]>::to_vec).collect();
            pushes.into_iter().map(move |push| (whose, push))
        })
        .collect();
    let next = AtomicUsize::new(0);
    let patch = |_: usize, push: u32, into: &mut Vec<u8>| {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        let (whose, records) = stock.get(turn).expect("fewer pushes of patches than of creates");
        round(&scene.accounts[*whose], into, "null", 1, &patches(run + 100, push, records));
    };
    exchange(scene, &patch, PROBE);
    let mut variables = template::of_patches(&scene.database, stock[0].0);
    variables.push(("turns", take_stock(scene, accounts)));
    scene.database.settle();
    let script = include_str!("scripts/push_patches.sql");
    let pgbench =
        Pgbench { database: &scene.database, script, clients, seconds: SECONDS, variables };
    let name = named("push 100 patches", accounts, clients);
    beside(&name, scene, (200, requests), &patch, &pgbench);
}

/// Notes what pgbench has pushed, and how many pushes that were.
fn take_stock(scene: &Scene, accounts: &Range<usize>) -> String {
    let (first, last) = (accounts.start, accounts.end - 1);
    scene.database.psql(&format!(
        "TRUNCATE bench.stock;
        INSERT INTO bench.stock SELECT row_number() OVER (), twin, collections::text, ids::text
        FROM (SELECT twin, array_agg(collection ORDER BY rev) AS collections, array_agg(id ORDER BY rev) AS ids
            FROM bench.accounts JOIN records ON records.account_id = twin
            WHERE number BETWEEN {first} AND {last} GROUP BY twin, txn HAVING count(*) = {MUTATIONS}) AS pushes;
        ANALYZE bench.stock;
        SELECT count(*) FROM bench.stock;"
    ))
}

/// What a device of an account has not seen.
pub(super) struct Unseen {
    /// Where the device stands, as JSON.
    pub(super) cursor: String,
    /// The stamp after which it begins.
    pub(super) after: i64,
    /// The newest stamp.
    pub(super) head: i64,
}

/// Gives an account so many changes that its device has not seen.
pub(super) fn unseen(scene: &Scene, whose: usize, changes: usize) -> Unseen {
    let all = |_: usize, _: u32, into: &mut Vec<u8>| {
        round(&scene.accounts[whose], into, "null", changes, "");
    };
    let answer: Value = serde_json::from_str(&exchange(scene, &all, 0)).unwrap();
    assert_eq!(answer["has_more"], false, "the account holds more than a page before its time");
    let head = || -> i64 {
        let sql = format!(
            "SELECT last_stamp FROM account_sync JOIN bench.accounts USING (account_id) WHERE number = {whose}"
        );
        scene.database.psql(&sql).parse().unwrap()
    };
    let after = head();
    let create = |_: usize, push: u32, into: &mut Vec<u8>| {
        round(&scene.accounts[whose], into, "null", 1, &creates(99, push));
    };
    for push in 0..u32::try_from(changes / MUTATIONS).unwrap() {
        exchange(scene, &create, push);
    }
    Unseen { cursor: answer["cursor"].to_string(), after, head: head() }
}
