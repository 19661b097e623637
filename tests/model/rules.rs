//! The rules of sync for one follow-up, in the small: what the server does with one mutation.
//!
//! Written from the rules, not from the engine. **Must never** use the engine: the replay compares the two.

/// A device.
pub(crate) type Who = usize;

/// What a user typed; every value is typed once. The larger one wins among edits of the same moment.
pub(crate) type Typed = u8;

/// What a mutation asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Op {
    /// Make the record, with this value.
    Create(Typed),
    /// Change the value.
    Edit(Typed),
    /// Delete the record.
    Delete,
    /// Report that the message went out.
    MarkSent,
}

impl Op {
    /// What was typed for it.
    pub(crate) fn typed(self) -> Option<Typed> {
        match self {
            Self::Create(value) | Self::Edit(value) => Some(value),
            Self::Delete | Self::MarkSent => None,
        }
    }
}

/// One mutation; the device and its number name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Mutation {
    /// Whose it is.
    pub(crate) who: Who,
    /// Which of that device.
    pub(crate) n: u8,
    /// The revision that the user saw.
    pub(crate) base: Option<u8>,
    /// What it asks for.
    pub(crate) op: Op,
}

/// How a mutation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Status {
    /// The record holds what was sent.
    Applied,
    /// It holds something else.
    Merged,
    /// Nothing was to do.
    Noop,
    /// A rule refuses it.
    Rejected,
}

/// The record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Record {
    /// Its revision.
    pub(crate) rev: u8,
    /// Its value.
    pub(crate) value: Typed,
    /// The revision and the device of the last change of the value.
    pub(crate) changed: (u8, Who),
    /// The revision and the device of its creation.
    pub(crate) made: (u8, Who),
    /// The revision and the device of its deletion.
    pub(crate) deleted: Option<(u8, Who)>,
    /// Whether the message went out.
    pub(crate) sent: bool,
    /// Whether it is hidden.
    pub(crate) archived: bool,
}

/// How many conflicts of which kind are in the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(crate) struct Conflicts {
    /// Two values.
    pub(crate) concurrent: u8,
    /// A deletion that gave way.
    pub(crate) delete_vs_edit: u8,
    /// An edit that brought the record back.
    pub(crate) edit_vs_delete: u8,
    /// What was refused.
    pub(crate) rejected: u8,
}

/// What the server keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Server {
    /// The last stamp.
    pub(crate) head: u8,
    /// The record, alive or deleted, once it was made.
    pub(crate) record: Option<Record>,
    /// The log of conflicts.
    pub(crate) conflicts: Conflicts,
    /// Values in the history or in a conflict.
    pub(crate) kept: Vec<Typed>,
    /// The ledger: every mutation that was answered, and how.
    pub(crate) ledger: Vec<((Who, u8), Status)>,
    /// Every mutation that was carried out, as often as it was.
    pub(crate) carried_out: Vec<(Who, u8)>,
}

impl Server {
    /// Carries a mutation out, or answers as before.
    pub(crate) fn receive(&mut self, mutation: Mutation) -> Status {
        let name = (mutation.who, mutation.n);
        if let Some((_, status)) = self.ledger.iter().find(|(known, _)| *known == name) {
            return *status;
        }
        let before = self.clone();
        let status = self.carry_out(mutation);
        if status == Status::Rejected {
            *self = before;
            if let Some(value) = mutation.op.typed() {
                self.conflicts.rejected += 1;
                self.head += 1;
                self.keep(value);
            }
        }
        self.ledger.push((name, status));
        self.ledger.sort_unstable();
        self.carried_out.push(name);
        self.carried_out.sort_unstable();
        status
    }

    fn keep(&mut self, value: Typed) {
        if !self.kept.contains(&value) {
            self.kept.push(value);
            self.kept.sort_unstable();
        }
    }

    fn stamp(&mut self) -> u8 {
        self.head += 1;
        self.head
    }

    fn carry_out(&mut self, mutation: Mutation) -> Status {
        let Some(record) = self.record else {
            let Op::Create(value) = mutation.op else { return Status::Rejected };
            let rev = self.stamp();
            let by = (rev, mutation.who);
            self.record = Some(Record {
                rev,
                value,
                changed: by,
                made: by,
                deleted: None,
                sent: false,
                archived: false,
            });
            return Status::Applied;
        };
        match (mutation.op, record.deleted) {
            (Op::Delete, Some(_)) => return Status::Noop,
            (Op::Delete, None) => return self.delete(mutation, record),
            (_, Some((rev, _))) if mutation.base.is_some_and(|base| base >= rev) => {
                return Status::Rejected;
            }
            (_, Some((_, deleter))) => {
                let rev = self.stamp();
                self.record = Some(Record { rev, deleted: None, ..record });
                if deleter != mutation.who {
                    self.conflicts.edit_vs_delete += 1;
                    self.head += 1;
                }
            }
            (_, None) => {}
        }
        let Some(record) = self.record else { return Status::Rejected };
        match mutation.op {
            Op::Create(value) | Op::Edit(value) => self.edit(mutation, record, value),
            _ if record.sent => Status::Noop,
            _ => {
                let rev = self.stamp();
                self.record = Some(Record { rev, sent: true, ..record });
                Status::Applied
            }
        }
    }

    fn delete(&mut self, mutation: Mutation, record: Record) -> Status {
        let base = mutation.base.unwrap_or(0);
        let unseen = |(rev, who): (u8, Who)| rev > base && who != mutation.who;
        if unseen(record.changed) || unseen(record.made) {
            self.conflicts.delete_vs_edit += 1;
            self.head += 1;
            return Status::Merged;
        }
        if record.sent {
            if !record.archived {
                let rev = self.stamp();
                self.record = Some(Record { rev, archived: true, ..record });
            }
            return Status::Merged;
        }
        let rev = self.stamp();
        self.record = Some(Record { rev, deleted: Some((rev, mutation.who)), ..record });
        Status::Applied
    }

    fn edit(&mut self, mutation: Mutation, record: Record, value: Typed) -> Status {
        if value == record.value {
            return Status::Noop;
        }
        if record.sent {
            return Status::Rejected;
        }
        let (rev, who) = record.changed;
        let moved = rev > mutation.base.unwrap_or(0) && who != mutation.who;
        let wins = !moved || value > record.value;
        if wins {
            let rev = self.stamp();
            let changed = (rev, mutation.who);
            self.record = Some(Record { rev, value, changed, ..record });
            self.keep(record.value);
        } else {
            self.keep(value);
        }
        if moved {
            self.conflicts.concurrent += 1;
            self.head += 1;
        }
        if wins { Status::Applied } else { Status::Merged }
    }
}
