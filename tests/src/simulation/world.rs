//! One run: the schedule that a seed determines, step by step, and the quiet after it.

use super::START_MS;
use super::edits;
use super::oracle::{Oracle, Tally};
use super::random::Random;
use super::server::Server;
use super::values::Words;
use crate::device::{Device, Next, Schema, State, Tap};
use serde_json::Value;
use std::fmt::{self, Write};

/// Two years in milliseconds.
const TWO_YEARS_MS: i64 = 2 * 365 * 86_400_000;

/// A run that went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The seed, by which it can be repeated.
    pub seed: u64,
    /// What is wrong.
    pub found: Vec<String>,
    /// What happened before.
    pub trace: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for step in &self.trace {
            writeln!(text, "{step}")?;
        }
        for found in &self.found {
            writeln!(text, "WRONG: {found}")?;
        }
        write!(f, "{text}repeat with AFTERVIEW_SEED={}", self.seed)
    }
}

/// A device in somebody's hand.
pub(super) struct Hand {
    pub(super) name: String,
    pub(super) device: Device,
    /// How far its clock is off.
    pub(super) skew_ms: i64,
}

/// A request that is still under way although nobody waits for it any more.
pub(super) struct Stray {
    session: String,
    request: Value,
}

pub(super) struct World<'s> {
    random: Random,
    words: Words,
    pub(super) oracle: Oracle,
    pub(super) server: &'s mut dyn Server,
    pub(super) hands: Vec<Hand>,
    pub(super) strays: Vec<Stray>,
    pub(super) now_ms: i64,
    has_backup: bool,
    pub(super) found: Vec<String>,
    trace: Option<Vec<String>>,
}

/// Runs the schedule of `seed` against `server`, which has a fresh account; `traced` writes down what
/// happens.
///
/// # Errors
/// What the oracle found.
pub fn run(seed: u64, traced: bool, server: &mut dyn Server) -> Result<Tally, Box<Failure>> {
    let mut random = Random::new(seed);
    let hands = hands(&mut random);
    let mut world = World {
        random,
        words: Words::default(),
        oracle: Oracle::default(),
        server,
        hands,
        strays: Vec::new(),
        now_ms: START_MS,
        has_backup: false,
        found: Vec::new(),
        trace: traced.then(Vec::new),
    };
    let steps = world.random.between(60, 150);
    for _ in 0..steps {
        world.step();
        if !world.found.is_empty() {
            break;
        }
    }
    if world.found.is_empty() {
        world.come_to_rest();
    }
    let World { found, trace, oracle, .. } = world;
    if found.is_empty() {
        return Ok(oracle.tally);
    }
    Err(Box::new(Failure { seed, found, trace: trace.unwrap_or_default() }))
}

/// Two to six devices, the first always an ordinary one, at most one ahead of the server.
fn hands(random: &mut Random) -> Vec<Hand> {
    let count = random.between(2, 6);
    let one = |i: i64| {
        let (name, schema) = match random.below(6) {
            0 if i > 0 => ("old", Schema::OLD),
            1 if i == 1 => ("newer", Schema::NEWER),
            _ => ("phone", Schema::CURRENT),
        };
        let max_changes = *random.pick(&[1, 2, 5, 500]);
        let device = Device::load(State::default(), schema, max_changes);
        Hand { name: format!("{name}{i}"), device, skew_ms: 0 }
    };
    (0..count).map(one).collect()
}

impl World<'_> {
    pub(super) fn note(&mut self, step: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>12} {}", self.now_ms - START_MS, step()));
        }
    }

    fn step(&mut self) {
        let pause = [20, 5_000, 90_000, 40_000_000][self.random.below(4)];
        self.now_ms += self.random.between(0, pause);
        let i = self.random.below(self.hands.len());
        match self.random.below(100) {
            0..45 => self.edit(i),
            45..82 => self.sync(i, false),
            82..87 => self.deliver_stray(),
            87..90 => self.restart(i),
            90..92 => {
                self.note(|| "the server goes down during the next request".to_owned());
                self.server.crash();
            }
            92..96 => {
                let skew =
                    [0, self.random.between(-TWO_YEARS_MS, TWO_YEARS_MS)][self.random.below(2)];
                self.hands[i].skew_ms = skew;
                let name = self.hands[i].name.clone();
                self.note(|| format!("{name}: clock off by {skew} ms"));
            }
            96..98 => {
                self.note(|| "backup".to_owned());
                self.server.backup();
                self.has_backup = true;
            }
            98 if self.has_backup && self.random.chance(35) => self.restore(),
            98 => {}
            _ => {
                self.note(|| "the server's clock is put back by an hour".to_owned());
                self.now_ms -= 3_600_000;
            }
        }
    }

    fn edit(&mut self, i: usize) {
        let hand = &mut self.hands[i];
        let now_ms = self.now_ms + hand.skew_ms;
        let tap =
            |words: &mut Words| Tap { mid: format!("m-{}", words.new_word()), now_ms, group: None };
        let done = edits::something(&mut hand.device, &mut self.random, &mut self.words, tap);
        let name = hand.name.clone();
        self.note(|| format!("{name}: {done}"));
    }

    /// One exchange of a device with the server. Without `safely` it may go wrong.
    pub(super) fn sync(&mut self, i: usize, safely: bool) {
        let fails = !safely && self.random.chance(15);
        match self.hands[i].device.next() {
            Next::Snapshot if fails => {}
            Next::Snapshot => {
                self.oracle.tally.resets += 1;
                let mut lines = self.server.snapshot();
                if !safely && self.random.chance(10) {
                    lines.pop();
                }
                self.hands[i].device.reset_with_snapshot(&lines);
                let name = self.hands[i].name.clone();
                self.note(|| format!("{name}: begins anew with {} lines", lines.len()));
            }
            Next::Repair => {
                self.oracle.tally.repairs += 1;
                let (name, digest) = (self.hands[i].name.clone(), self.hands[i].device.digest());
                if self.oracle.tally.restores == 0 {
                    self.found.push(format!("{name} has drifted without a restore: {digest}"));
                }
                self.note(|| format!("{name}: repairs itself"));
                let (revs, lines) = (self.server.revs(), self.server.snapshot());
                self.hands[i].device.repair(&revs, &lines);
            }
            Next::Sync | Next::Nothing => self.exchange(i, fails, safely),
        }
    }

    fn exchange(&mut self, i: usize, fails: bool, safely: bool) {
        let hand = &mut self.hands[i];
        let request = hand.device.request(self.now_ms + hand.skew_ms);
        let session = hand.name.clone();
        self.oracle.sent(&request);
        // The answer is lost, or the device dies with it in hand: the server has done it, nobody knows.
        let answer_lost = !safely && self.random.chance(15);
        if fails || (!safely && self.random.chance(5)) {
            let (session, request) = (session.clone(), request.clone());
            if !fails || self.random.chance(50) {
                self.strays.push(Stray { session, request });
            }
        }
        if fails {
            self.note(|| format!("{session}: request lost {request}"));
            self.hands[i].device.lost();
            return;
        }
        let answer = self.deliver(&session, &request);
        match answer {
            Some(answer) if !answer_lost => self.hands[i].device.answered(&answer),
            _ => {
                self.note(|| format!("{session}: no answer"));
                self.hands[i].device.lost();
            }
        }
    }

    fn deliver(&mut self, session: &str, request: &Value) -> Option<Value> {
        let answer = self.server.sync(session, request, self.now_ms);
        self.note(|| {
            let answer = answer.as_ref().unwrap_or(&Value::Null);
            format!("{session}: {request}\n             -> {answer}")
        });
        if let Some(answer) = &answer {
            let wrong = self.oracle.answered(request, answer);
            self.found.extend(wrong);
        }
        self.found.extend(self.server.complaints());
        answer
    }

    /// A request that everybody had given up arrives after all; its answer reaches nobody.
    pub(super) fn deliver_stray(&mut self) {
        if !self.strays.is_empty() {
            let at = self.random.below(self.strays.len());
            let Stray { session, request } = self.strays.swap_remove(at);
            self.note(|| format!("{session}: an old request arrives"));
            let _ = self.deliver(&session, &request);
        }
    }

    /// The app dies and is opened again: all it has is what it saved.
    fn restart(&mut self, i: usize) {
        let hand = &mut self.hands[i];
        let saved = serde_json::to_string(&hand.device.state).unwrap();
        hand.device.state = serde_json::from_str(&saved).unwrap();
        let name = hand.name.clone();
        self.note(|| format!("{name}: restarts"));
    }

    fn restore(&mut self) {
        self.note(|| "the server goes back to the backup".to_owned());
        self.server.restore();
        let kept = self.server.kept();
        self.oracle.restored(&kept, self.hands.iter().map(|hand| &hand.device));
    }
}
