//! A small model of sync, searched exhaustively, and the same steps on the real engine.
//!
//! The model says what two devices and a server may do to one follow-up: make it, change it, delete it,
//! report it sent; answers get lost, devices start again, requests come twice. Every state that can be
//! reached must be right, and the engine must do on every path what the model does.
//!
//! `AFTERVIEW_OPERATIONS` sets how many operations each device does.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at what cannot be"
)]

mod paths;
mod replay;
mod rules;

use paths::Bounds;
use stateright::{Checker, Model};
use std::time::Instant;

/// How many operations each device does unless the environment says otherwise. `.ci/run` says 3.
const OPERATIONS: u8 = 2;

#[expect(clippy::disallowed_methods, reason = "how far to search is up to whoever runs the search")]
fn operations() -> u8 {
    let text = std::env::var("AFTERVIEW_OPERATIONS");
    text.map_or(OPERATIONS, |text| text.parse().expect("a whole number"))
}

#[test]
fn every_reachable_state_of_the_model_is_right() {
    let started = Instant::now();
    let bounds = Bounds { ops: [operations(); 2], lost: 1, crashes: 1, repeated: 1 };
    let checker = bounds.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    println!("{bounds:?}: {} states in {:.1?}", checker.unique_state_count(), started.elapsed());
}

#[test]
fn the_engine_does_what_the_model_does_on_every_path() {
    let few = operations() - 1;
    for bounds in [
        Bounds { ops: [few, few], lost: 0, crashes: 0, repeated: 0 },
        Bounds { ops: [few, 1], lost: 1, crashes: 0, repeated: 1 },
        Bounds { ops: [few, 1], lost: 0, crashes: 1, repeated: 0 },
        Bounds { ops: [2, 1], lost: 0, crashes: 0, repeated: 0 },
    ] {
        let started = Instant::now();
        let (paths, steps) = replay::all(&bounds).unwrap_or_else(|wrong| panic!("{wrong}"));
        println!("{bounds:?}: {paths} paths, {steps} steps in {:.1?}", started.elapsed());
    }
}
