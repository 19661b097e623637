//! Whether a pull costs the same however much the database holds.
//!
//! The rows of one device's account stand among those of others, as they do when all write at the same
//! time, so its page lies scattered over the file.

use crate::ceilings::RawDatabase;
use crate::children::{Child, cpu_of};
use crate::load::{LEARN_NOTHING, Load};
use crate::report::median;
use crate::scene::Account;
use crate::sync::Device;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use std::path::Path;

/// Records in the database, and those among them of the device's own account, which may have 50,000.
const SIZES: [(i64, i64); 3] = [(1_000, 1_000), (100_000, 40_000), (1_000_000, 40_000)];

/// How many accounts the other records belong to.
const OTHERS: i64 = 1_000;

/// Pulls of one turn, and turns.
const PULLS: u32 = 200;
const ROUNDS: u32 = 5;

/// Grows the database of a fresh server and prints a line for each size.
pub(crate) fn measure(folder: &Path) {
    let folder = folder.join("growth");
    std::fs::create_dir(&folder).unwrap();
    let (mut all, mut own) = (0, 0);
    for (wanted, wanted_own) in SIZES {
        let server = Child::afterview(&folder);
        let account = Account::sign_up(server.address, &format!("growth{wanted}"));
        drop(server);
        let path = folder.join("afterview.db");
        fill(&path, (all, wanted), (own, wanted_own));
        RawDatabase::check_point(&path);
        (all, own) = (wanted, 0);
        let server = Child::afterview(&folder);
        pulls(&server, &account, wanted);
    }
}

/// Adds rows until there are `all.1`, those of the newest account evenly among those of others.
fn fill(path: &Path, all: (i64, i64), own: (i64, i64)) {
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let (from, to) = all;
    let every = (to - from) / (own.1 - own.0);
    let note = "Leads the platform team; asked about backfills and on-call. ".repeat(6);
    // Stamps run with the number of the row, in every account.
    let rows = format!(
        r#"CREATE TEMP TABLE newest AS SELECT account_id FROM accounts ORDER BY created_at DESC, rowid DESC LIMIT 1;
        BEGIN;
        WITH RECURSIVE numbers(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {to})
        INSERT INTO records (account_id, collection, id, rev, created_rev, txn, doc, field_meta, opportunity_id)
        SELECT iif(n % {every} = 0, (SELECT account_id FROM newest), printf('01990000-0000-7000-8000-%012d', n * 7919 % {OTHERS})),
            'contacts', printf('%012d-4c3d-8a55-%012d', n * 7919 % 1000003, n), 1800000000000 + n, 1800000000000 + n, 1800000000000 + n / 10 * 10,
            printf('{{"channels":[{{"kind":"email","value":"anna.novak@example.com"}}],"created_at":"2026-05-06T19:05:00Z","id":"%012d-4c3d-8a55-%012d","name":"Anna Novak","notes":"{note}","opportunity_id":"acme","rev":%d,"role":"hiring_manager","updated_at":"2026-05-06T19:05:00Z"}}', n * 7919 % 1000003, n, 1800000000000 + n),
            printf('{{"*":{{"rev":%d,"device":"01990000-0000-7000-8000-000000000000","eff":1780000000000}}}}', 1800000000000 + n), 'acme'
        FROM numbers;
        UPDATE account_sync SET last_stamp = 1800000000000 + {to} WHERE account_id IN (SELECT account_id FROM newest);
        COMMIT;"#
    );
    connection.batch_execute(&rows).unwrap();
}

fn pulls(server: &Child, account: &Account, size: i64) {
    let (device, cursors) = Device::at_every_page(server, account);
    // A full page in the middle.
    let here = &cursors[(cursors.len() - 1) / 2];
    let request = |_: usize, _: u32, into: &mut Vec<u8>| device.write_from(into, here, "");
    let (address, connections, status) = (server.address, 1, 200);
    let load = Load { address, connections, status, request: &request, learn: LEARN_NOTHING };
    load.run(0, PULLS / 10);
    let (mut rates, cpu) = (Vec::new(), cpu_of(&server.pid()));
    for _ in 0..ROUNDS {
        let sample = load.run(0, PULLS);
        rates.push(sample.elapsed.as_secs_f64() * 1e3 / f64::from(PULLS));
    }
    let cpu = (cpu_of(&server.pid()) - cpu).as_secs_f64() * 1e6 / f64::from(PULLS * ROUNDS);
    println!(
        "pull of 1,000 out of {size} records: {:.2} ms, server CPU {cpu:.0} µs, memory {:.1} MiB",
        median(rates),
        server.resident_mib()
    );
}
