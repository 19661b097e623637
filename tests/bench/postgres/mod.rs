//! The server on PostgreSQL beside pgbench, which keeps the same rows in the same tables with nothing in
//! between, in turns.
//!
//! **Must never** compare different work in silence: what pgbench leaves out stands in the README.

pub(crate) mod database;
pub(crate) mod pgbench;
mod pushes;
mod scene;
pub(crate) mod template;

use crate::ceilings::raw_id;
use crate::children::load_average;
use crate::load::{Connection, LEARN_NOTHING, Load};
use crate::report::{Side, compare_clients, heading_of_clients};
use crate::scene::{OPPORTUNITIES, contact};
use pgbench::Pgbench;
use scene::{ALL, HOT_OPPORTUNITIES, MANY, Scene, hot};
use std::ops::Range;
use std::path::Path;

/// How often every side has its turn.
const ROUNDS: u32 = 5;

/// Creates and pulls of one turn by each client, and how long one of pgbench takes.
const CREATES: [(usize, u32); 3] = [(1, 800), (8, 2_000), (32, 2_000)];
const PULLS: [(usize, u32); 2] = [(1, 400), (8, 800)];
const SECONDS: u32 = 2;

/// The number of the create whose row pgbench writes, too.
const PROBE: u32 = 999_999;

/// Changes of one pull.
const CHANGES: usize = 1_000;

/// A request of a connection, by a running number.
type Request<'a> = &'a (dyn Fn(usize, u32, &mut Vec<u8>) + Sync);

/// Runs the workloads whose names are wanted.
pub(crate) fn measure(wanted: &dyn Fn(&str) -> bool, folder: &Path) {
    let names = ["postgres-create", "postgres-push", "postgres-pull"];
    if !names.iter().any(|name| wanted(name)) {
        return;
    }
    let folder = folder.join("postgres");
    std::fs::create_dir(&folder).unwrap();
    let scene = Scene::set(&folder);
    println!("PostgreSQL {}, load {}", scene.database.settings(), load_average());
    heading_of_clients();
    if wanted("postgres-create") {
        creates(&scene);
    }
    if wanted("postgres-push") {
        pushes::creates_and_patches(&scene);
    }
    if wanted("postgres-pull") {
        pulls(&scene);
    }
}

/// One line of the table: `requests` of the server and a turn of pgbench, by the same number of clients.
fn beside(
    workload: &str,
    scene: &Scene,
    (status, requests): (u16, u32),
    request: Request<'_>,
    pgbench: &Pgbench<'_>,
) {
    let (address, connections, learn) = (scene.server.address, pgbench.clients, LEARN_NOTHING);
    let load = Load { address, connections, status: &|_| status, request, learn };
    let server = Side::new("server", |first, n| scene.with_cpu(|| load.run(first, n)));
    let client = Side::new("pgbench", |_, _| scene.with_cpu(|| pgbench.run()));
    compare_clients(workload, (ROUNDS, requests), server, client);
}

/// Names a line of the table.
fn named(work: &str, accounts: &Range<usize>, clients: usize) -> String {
    let whose = if accounts.len() == 1 { "one account" } else { "1,000 acc." };
    format!("{work}, {whose}, {clients} conn.")
}

fn creates(scene: &Scene) {
    let database = &scene.database;
    for (turn, (clients, requests)) in CREATES.into_iter().enumerate() {
        for (accounts, opportunities) in [(ALL, OPPORTUNITIES), (hot(turn), HOT_OPPORTUNITIES)] {
            let prefix = i64::try_from((turn * MANY + accounts.start) * 1_000_000).unwrap();
            let all = u32::try_from(accounts.len()).unwrap();
            let owner = |number: u32| accounts.start + usize::try_from(number % all).unwrap();
            let create = |_: usize, number: u32, into: &mut Vec<u8>| {
                let id = raw_id(prefix + i64::from(number));
                let body = contact(&id, number / all % opportunities);
                scene.accounts[owner(number)].write(into, "POST /v1/contacts", "", body.as_bytes());
            };
            let mut probe = Vec::new();
            create(0, PROBE, &mut probe);
            assert_eq!(Connection::open(scene.server.address).exchange(&probe).status, 201);
            let mut variables = template::of_a_create(&scene.database, owner(PROBE));
            variables.extend(span(&accounts));
            variables.push(("opportunities", (opportunities - 1).to_string()));
            let script = include_str!("scripts/create.sql");
            let pgbench = Pgbench { database, script, clients, seconds: SECONDS, variables };
            beside(&named("create", &accounts, clients), scene, (201, requests), &create, &pgbench);
        }
    }
}

/// Among which accounts a script chooses.
fn span(accounts: &Range<usize>) -> [(&'static str, String); 2] {
    [("first", accounts.start.to_string()), ("last", (accounts.end - 1).to_string())]
}

/// A page of 1,000 changes.
fn pulls(scene: &Scene) {
    let model = hot(5).start;
    let unseen = pushes::unseen(scene, model, CHANGES);
    let database = &scene.database;
    database.psql(&format!(
        "SELECT bench.copy('bench{model}@example.org', 0, {}, '{{records,account_sync}}')",
        MANY - 1
    ));
    database.settle();
    for (clients, requests) in PULLS {
        for accounts in [ALL, model..model + 1] {
            let pull = |_: usize, number: u32, into: &mut Vec<u8>| {
                let whose = accounts.start + usize::try_from(number).unwrap() % accounts.len();
                pushes::round(&scene.accounts[whose], into, &unseen.cursor, CHANGES, "");
            };
            let (after, head) = (unseen.after.to_string(), unseen.head.to_string());
            let mut variables = vec![("after", after), ("head", head)];
            variables.extend(span(&accounts));
            let script = include_str!("scripts/pull.sql");
            let pgbench = Pgbench { database, script, clients, seconds: SECONDS, variables };
            let name = named("pull 1,000", &accounts, clients);
            beside(&name, scene, (200, requests), &pull, &pgbench);
        }
    }
}
