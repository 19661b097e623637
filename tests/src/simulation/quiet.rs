//! The quiet after a schedule: nothing fails any more, so everybody must come to rest, and then
//! everything must be right.

use super::world::{Hand, World};
use crate::device::{Device, Next, Schema, State};

/// In how many rounds of all devices everything must have come to rest.
const QUIET_ROUNDS: usize = 12;

/// In how many requests a device must have caught up while nobody else writes.
const CATCH_UP_REQUESTS: usize = 600;

impl World<'_> {
    /// From here on nothing fails: everybody must come to rest, and then everything must be right.
    pub(super) fn come_to_rest(&mut self) {
        while !self.strays.is_empty() {
            self.deliver_stray();
        }
        self.server.calm();
        self.note(|| "from here on nothing fails".to_owned());
        let mut rounds = 0;
        loop {
            let before: Vec<State> =
                self.hands.iter().map(|hand| hand.device.state.clone()).collect();
            for i in 0..self.hands.len() {
                self.catch_up(i);
            }
            let same =
                self.hands.iter().zip(&before).all(|(hand, before)| hand.device.state == *before);
            if same || !self.found.is_empty() {
                break;
            }
            rounds += 1;
            if rounds > QUIET_ROUNDS {
                self.found.push(format!("no rest after {rounds} rounds"));
                break;
            }
        }
        if !self.found.is_empty() {
            return;
        }
        self.add_newcomers();
        let kept = self.server.kept();
        let devices: Vec<(&str, &Device)> =
            self.hands.iter().map(|hand| (hand.name.as_str(), &hand.device)).collect();
        self.found = self.oracle.judge(&kept, &devices);
    }

    fn catch_up(&mut self, i: usize) {
        for _ in 0..CATCH_UP_REQUESTS {
            self.now_ms += 1_000;
            self.sync(i, true);
            if self.hands[i].device.next() == Next::Nothing || !self.found.is_empty() {
                return;
            }
        }
        let name = &self.hands[i].name;
        self.found.push(format!("{name} has not caught up in {CATCH_UP_REQUESTS} requests"));
    }

    /// Two new devices, one that pages through everything and one that begins with the snapshot, must
    /// see what everybody sees.
    fn add_newcomers(&mut self) {
        let pager = Device::load(State::default(), Schema::CURRENT, 3);
        let mut reader = pager.clone();
        reader.state.needs_snapshot = true;
        for (name, device) in [("pager", pager), ("reader", reader)] {
            self.hands.push(Hand { name: name.to_owned(), device, skew_ms: 0 });
            self.catch_up(self.hands.len() - 1);
        }
    }
}
