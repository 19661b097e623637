//! Two devices, one record, and everything that can happen between them within the bounds.

use crate::rules::{Mutation, Op, Record, Server, Status, Who};
use stateright::{Model, Property};

/// How many devices there are.
const DEVICES: usize = 2;

/// What may happen, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Operations of each device.
    pub(crate) ops: [u8; DEVICES],
    /// Answers lost.
    pub(crate) lost: u8,
    /// Devices that forget all but their outbox.
    pub(crate) crashes: u8,
    /// Requests that come once more after they were answered.
    pub(crate) repeated: u8,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// The user of a device does something.
    Do(Who, Op),
    /// The request of a device and its answer arrive.
    Sync(Who),
    /// The request arrives, its answer does not.
    LoseAnswer(Who),
    /// A device starts again with nothing but its outbox.
    Crash(Who),
    /// The last request that was answered arrives once more, late.
    Repeat(Who),
}

/// What a device has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Device {
    /// The record as it was received last, and the head up to which it has heard everything.
    pub(crate) seen: (Option<Record>, u8),
    /// What waits for its answer.
    pub(crate) outbox: Option<Mutation>,
    /// What was answered last, and how.
    pub(crate) answered: Option<(Mutation, Status)>,
    /// How many operations its user has done.
    pub(crate) done: u8,
}

/// Everything there is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct World {
    /// The server.
    pub(crate) server: Server,
    /// The devices.
    pub(crate) devices: [Device; DEVICES],
    lost: u8,
    crashes: u8,
    repeated: u8,
    /// Whether the message was ever sent.
    was_sent: bool,
    /// Whether a repetition was ever answered otherwise.
    changed_its_mind: bool,
}

impl World {
    fn is_quiet(&self) -> bool {
        let heard_all = |device: &Device| device.seen.1 == self.server.head;
        self.devices.iter().all(|device| device.outbox.is_none() && heard_all(device))
    }

    fn answer(&mut self, who: Who) -> Option<(Mutation, Status)> {
        let mutation = self.devices[who].outbox?;
        let status = self.server.receive(mutation);
        self.was_sent |= self.server.record.is_some_and(|record| record.sent);
        Some((mutation, status))
    }

    fn can_do(&self, who: Who, limit: u8) -> Vec<Op> {
        let device = &self.devices[who];
        if device.done >= limit || device.outbox.is_some() {
            return Vec::new();
        }
        let of = u8::try_from(who).unwrap_or_default();
        // The devices take turns in typing the larger value.
        let typed = 1 + 2 * device.done + if device.done.is_multiple_of(2) { of } else { 1 - of };
        match device.seen.0 {
            None => vec![Op::Create(typed)],
            Some(Record { deleted: Some(_), .. }) => Vec::new(),
            Some(Record { sent: true, .. }) => vec![Op::Delete],
            Some(_) => vec![Op::Edit(typed), Op::Delete, Op::MarkSent],
        }
    }
}

impl Model for Bounds {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::default()]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for who in 0..DEVICES {
            let device = &world.devices[who];
            let ops = world.can_do(who, self.ops[who]);
            steps.extend(ops.into_iter().map(|op| Step::Do(who, op)));
            if device.outbox.is_some() || device.seen.1 < world.server.head {
                steps.push(Step::Sync(who));
            }
            if device.outbox.is_some() && world.lost < self.lost {
                steps.push(Step::LoseAnswer(who));
            }
            if device.seen.0.is_some() && world.crashes < self.crashes {
                steps.push(Step::Crash(who));
            }
            if device.answered.is_some() && world.repeated < self.repeated {
                steps.push(Step::Repeat(who));
            }
        }
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut world = world.clone();
        match step {
            Step::Do(who, op) => {
                let device = &mut world.devices[who];
                let base = device.seen.0.map(|record| record.rev);
                device.outbox = Some(Mutation { who, n: device.done, base, op });
                device.done += 1;
            }
            Step::Sync(who) => {
                let answered = world.answer(who);
                let seen = (world.server.record, world.server.head);
                let device = &mut world.devices[who];
                device.seen = seen;
                device.outbox = None;
                device.answered = answered.or(device.answered);
            }
            Step::LoseAnswer(who) => {
                world.lost += 1;
                world.answer(who);
            }
            Step::Crash(who) => {
                world.crashes += 1;
                world.devices[who].seen = (None, 0);
            }
            Step::Repeat(who) => {
                world.repeated += 1;
                let (mutation, status) = world.devices[who].answered?;
                world.changed_its_mind |= world.server.receive(mutation) != status;
            }
        }
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("everybody sees the same when all is quiet", |_, world: &World| {
                let same = |device: &Device| device.seen.0 == world.server.record;
                !world.is_quiet() || world.devices.iter().all(same)
            }),
            Property::always("no value is lost", |_, world: &World| {
                let kept = |value| {
                    let stands = world.server.record.is_some_and(|record| record.value == value);
                    stands || world.server.kept.contains(&value)
                };
                let answered = world.devices.iter().filter_map(|device| device.answered);
                answered.filter_map(|(mutation, _)| mutation.op.typed()).all(kept)
            }),
            Property::always("what was sent stays sent", |_, world: &World| {
                let sent = |record: Record| record.sent && record.deleted.is_none();
                !world.was_sent || world.server.record.is_some_and(sent)
            }),
            Property::always("nothing is carried out twice", |_, world: &World| {
                world.server.carried_out.windows(2).all(|pair| pair[0] != pair[1])
            }),
            Property::always("a repetition is answered as before", |_, world: &World| {
                !world.changed_its_mind
            }),
            Property::sometimes("an edit brings a record back", |_, world: &World| {
                world.server.conflicts.edit_vs_delete > 0
            }),
            Property::sometimes("a deletion gives way", |_, world: &World| {
                world.server.conflicts.delete_vs_edit > 0
            }),
            Property::sometimes("something is refused", |_, world: &World| {
                world.server.conflicts.rejected > 0
            }),
            Property::sometimes("what was sent is hidden", |_, world: &World| {
                world.server.record.is_some_and(|record| record.archived)
            }),
        ]
    }
}
