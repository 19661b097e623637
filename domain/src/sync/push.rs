//! A batch of mutations of one device: repetitions, chains, groups, and one result each.
//!
//! Every mutation is answered by itself; what is refused disturbs nobody else and is kept in the log
//! of conflicts. **Must never** carry a mutation out twice, or answer a repetition differently.

use super::disputes::{Dispute, decide, note};
use super::write::{By, WriteResult, refused};
use super::{
    Answered, Ask, Decision, Known, Log, Mutation, Op, Outcome, Record, Refusal, RefusalCode,
    Status, WriteError, acts, deletion, edit,
};
use crate::clock::{Instant, from_millis};
use crate::entities::Collection;
use crate::entities::conflict::ConflictReason;
use serde_json::{Value, json};
use std::sync::Arc;

/// Members of a mutation that hold nothing that somebody typed. Any other may, also one whose name is
/// not known.
const FRAME: &[&str] =
    &["mid", "c", "id", "op", "base", "text_base", "action", "at", "after", "txn"];

/// One mutation being carried out.
#[derive(Debug, Clone)]
pub(super) struct Job<'m> {
    /// The mutation.
    pub(super) mutation: &'m Mutation,
    /// What it asks for.
    pub(super) ask: &'m Ask,
    /// Whose it is.
    pub(super) device: String,
    /// The revision that its author had seen.
    pub(super) base: Option<i64>,
    /// Its effective time.
    pub(super) effective: Instant,
}

impl<'m> Job<'m> {
    fn new<L: Log>(log: &L, mutation: &'m Mutation, ask: &'m Ask) -> Self {
        let effective = effective(ask, log.now());
        Self { mutation, ask, device: log.device().to_owned(), base: ask.base, effective }
    }

    pub(super) fn id(&self) -> &'m str {
        name_of(self.mutation)
    }

    pub(super) fn by(&self) -> By<'m> {
        By { effective: self.effective, mutation: Some(self.id()) }
    }

    /// Whether another device changed the field since the base.
    pub(super) fn unseen(&self, record: &Record, field: &str) -> bool {
        let base = self.base.unwrap_or(i64::MIN);
        let meta = record.last_change(field);
        meta.is_some_and(|meta| meta.rev > base && meta.device != self.device)
    }
}

/// What carrying out a mutation did.
#[derive(Debug, Clone)]
pub(super) struct Done {
    /// Applied, merged or noop.
    pub(super) status: Status,
    /// The record afterwards; `None` where there never was one.
    pub(super) record: Option<Record>,
    /// Conflicts that it brought up.
    pub(super) conflicts: Vec<String>,
}

/// The effective time of an edit: its age by the device's own clock, but neither before the revision
/// that it built upon nor after now. A clock that is years off gains and loses nothing.
fn effective(ask: &Ask, now: Instant) -> Instant {
    let earliest = from_millis(ask.base.unwrap_or(0));
    ask.edited_at.unwrap_or(now).max(earliest).min(now)
}

/// The name of a mutation, also of one that came without a usable identifier.
fn name_of(mutation: &Mutation) -> &str {
    if mutation.id.is_empty() { &mutation.fingerprint } else { &mutation.id }
}

/// Carries out a batch and gives the result of each in the same order. `render` makes the
/// text of an outcome; the ledger keeps it, so that a repetition gets it byte for byte.
///
/// # Errors
/// That the log failed; then nothing of the batch may be kept.
pub fn push<L: Log>(
    log: &mut L,
    batch: &[Mutation],
    render: &dyn Fn(&Mutation, &Outcome) -> String,
) -> WriteResult<Vec<Answered>, L> {
    let mut results: Vec<Option<Answered>> = vec![None; batch.len()];
    for (i, mutation) in batch.iter().enumerate() {
        if results.get(i).is_some_and(Option::is_some) {
            continue;
        }
        let group = mutation.ask.as_ref().ok().and_then(|ask| ask.group.as_deref());
        let members: Vec<usize> = match group {
            Some(group) => (i..batch.len()).filter(|n| is_of(batch.get(*n), group)).collect(),
            None => vec![i],
        };
        for (n, outcome) in together(log, batch, &members)? {
            let (Some(mutation), Some(slot)) = (batch.get(n), results.get_mut(n)) else { continue };
            let text = render(mutation, &outcome);
            remember(log, mutation, &outcome, &text)?;
            *slot = Some(Answered { status: outcome.status(), text, shows: shown(&outcome) });
        }
    }
    Ok(results.into_iter().flatten().collect())
}

fn shown(outcome: &Outcome) -> Option<(Collection, String, i64)> {
    let (Outcome::Done { record, .. }
    | Outcome::Refused { record, .. }
    | Outcome::Duplicate { record, .. }) = outcome;
    record.as_ref().map(|record| (record.collection, record.id.clone(), record.rev))
}

fn is_of(mutation: Option<&Mutation>, group: &str) -> bool {
    let ask = mutation.and_then(|mutation| mutation.ask.as_ref().ok());
    ask.is_some_and(|ask| ask.group.as_deref() == Some(group))
}

type Outcomes = Vec<(usize, Outcome)>;

/// Carries out mutations that stand or fall together; often it is one.
fn together<L: Log>(
    log: &mut L,
    batch: &[Mutation],
    members: &[usize],
) -> WriteResult<Outcomes, L> {
    let alone = members.len() == 1;
    if !alone {
        log.begin()?;
    }
    let mut outcomes = Vec::new();
    let mut broken = false;
    for n in members {
        let Some(mutation) = batch.get(*n) else { continue };
        let outcome = one(log, mutation)?;
        broken |= matches!(outcome, Outcome::Refused { .. });
        outcomes.push((*n, outcome));
    }
    if alone {
        return finish(log, batch, outcomes);
    }
    if !broken {
        log.keep()?;
        return Ok(outcomes);
    }
    log.undo()?;
    let culprits = |outcome: &Outcome| match outcome {
        Outcome::Refused { status: Status::Rejected, refusal, .. } => {
            (Status::Rejected, refusal.clone())
        }
        _ => {
            let detail = "another mutation of its group was rejected";
            (Status::Blocked, Refusal::new(RefusalCode::GroupRejected, detail))
        }
    };
    let undone = outcomes.into_iter().map(|(n, outcome)| match outcome {
        known @ Outcome::Duplicate { .. } => (n, known),
        outcome => {
            let (status, refusal) = culprits(&outcome);
            (n, Outcome::Refused { status, refusal, record: None, conflicts: Vec::new() })
        }
    });
    finish(log, batch, undone.collect())
}

/// Keeps what refused mutations said, and shows their devices the state to go back to.
fn finish<L: Log>(log: &mut L, batch: &[Mutation], outcomes: Outcomes) -> WriteResult<Outcomes, L> {
    let mut finished = Vec::new();
    for (n, outcome) in outcomes {
        let outcome = match (outcome, batch.get(n)) {
            (Outcome::Refused { status, refusal, .. }, Some(mutation)) => {
                refuse(log, mutation, status, refusal)?
            }
            (other, _) => other,
        };
        finished.push((n, outcome));
    }
    Ok(finished)
}

/// Carries out one mutation, or says why not.
fn one<L: Log>(log: &mut L, mutation: &Mutation) -> WriteResult<Outcome, L> {
    if let Some(known) = log.known(name_of(mutation))? {
        if known.fingerprint == mutation.fingerprint {
            let record = present(log, mutation)?;
            return Ok(Outcome::Duplicate { original: known.result, record });
        }
        let detail = "another mutation had this id; what was refused is in the log of conflicts";
        return Ok(rejected(Refusal::new(RefusalCode::MutationIdReused, detail)));
    }
    let ask = match &mutation.ask {
        Ok(ask) => ask,
        Err(refusal) => return Ok(rejected(refusal.clone())),
    };
    if let Some(before) = &ask.after
        && let Some(known) = log.known(before)?
        && matches!(known.status, Status::Rejected | Status::Blocked)
    {
        let detail = "the mutation that it builds upon was rejected";
        let refusal = Refusal::new(RefusalCode::PredecessorRejected, detail);
        let status = Status::Blocked;
        return Ok(Outcome::Refused { status, refusal, record: None, conflicts: Vec::new() });
    }
    attempt(log, mutation, ask)
}

fn rejected(refusal: Refusal) -> Outcome {
    let (status, conflicts) = (Status::Rejected, Vec::new());
    Outcome::Refused { status, refusal, record: None, conflicts }
}

/// Carries out what `mutation` asks for, whatever the ledger knows of it. What it wrote before it was
/// refused is undone.
pub(super) fn attempt<L: Log>(
    log: &mut L,
    mutation: &Mutation,
    ask: &Ask,
) -> WriteResult<Outcome, L> {
    let job = Job::new(log, mutation, ask);
    let apart = needs_a_part(log, ask)?;
    if apart {
        log.begin()?;
    }
    match carry_out(log, &job) {
        Ok(done) => {
            if apart {
                log.keep()?;
            }
            Ok(done.into_outcome())
        }
        Err(WriteError::Refused(refusal)) => {
            if apart {
                log.undo()?;
            }
            Ok(rejected(refusal))
        }
        Err(failed @ WriteError::Log(_)) => Err(failed),
    }
}

/// Whether carrying it out may write something before it is refused.
fn needs_a_part<L: Log>(log: &mut L, ask: &Ask) -> WriteResult<bool, L> {
    let (Op::Create(edit) | Op::Patch(edit)) = &*ask.op else {
        return Ok(!matches!(*ask.op, Op::Delete));
    };
    if ask.collection == Collection::FollowUps && edit.set.contains_key("status") {
        return Ok(true);
    }
    let gone = |record: Option<&Record>| record.is_some_and(|record| record.deleted_rev.is_some());
    if log.look(ask.collection, &ask.record_id, gone)? {
        return Ok(true);
    }
    let owner = edit.set.get("opportunity_id").and_then(Value::as_str);
    match owner {
        Some(owner) => log.look(Collection::Opportunities, owner, gone),
        None => Ok(false),
    }
}

fn carry_out<L: Log>(log: &mut L, job: &Job<'_>) -> WriteResult<Done, L> {
    let ask = job.ask;
    if ask.collection.is_read_only() && !matches!(*ask.op, Op::Resolve(_)) {
        let detail = "conflicts are written by the server; the action `resolve` decides them";
        return Err(refused(RefusalCode::ReadOnly, detail));
    }
    match &*ask.op {
        Op::Create(edit) => edit::create(log, job, edit),
        Op::Patch(edit) => edit::patch(log, job, edit),
        Op::Delete => deletion::delete_asked(log, job),
        Op::Restore => deletion::restore(log, job),
        Op::Act { action, set } => acts::act_asked(log, job, action, set),
        Op::Resolve(decision) => {
            let decided = decide(log, job, &ask.record_id, decision)?;
            let status = if decided { Status::Applied } else { Status::Noop };
            let record = super::write::existing(log, Collection::Conflicts, &ask.record_id)?;
            Ok(Done { status, record: Some(record), conflicts: Vec::new() })
        }
    }
}

/// Decides a conflict for somebody who knows the present state.
///
/// # Errors
/// [`RefusalCode::NotFound`], and whatever stands against writing what was not kept.
pub fn resolve<L: Log>(log: &mut L, id: &str, decision: &Decision) -> WriteResult<Record, L> {
    let ask = Ask {
        collection: Collection::Conflicts,
        record_id: id.to_owned(),
        base: None,
        edited_at: None,
        after: None,
        group: None,
        op: Arc::new(Op::Resolve(decision.clone())),
    };
    let mutation = Mutation {
        id: format!("resolve-{}", log.next_stamp()),
        fingerprint: String::new(),
        payload: Arc::default(),
        ask: Ok(ask.clone()),
    };
    let job = Job::new(log, &mutation, &ask);
    decide(log, &job, id, decision)?;
    super::write::existing(log, Collection::Conflicts, id)
}

/// The live record that a mutation is about.
fn present<L: Log>(log: &mut L, mutation: &Mutation) -> WriteResult<Option<Box<Record>>, L> {
    let text = |name: &str| mutation.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some(collection) = Collection::from_word(text("c")) else { return Ok(None) };
    Ok(super::write::find_live(log, collection, text("id"))?.map(Box::new))
}

/// What a refused mutation said is kept as a conflict, and the state to go back to is shown.
pub(super) fn refuse<L: Log>(
    log: &mut L,
    mutation: &Mutation,
    status: Status,
    refusal: Refusal,
) -> WriteResult<Outcome, L> {
    let text = |name: &str| mutation.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let record = present(log, mutation)?;
    let says = |(name, member): (&String, &Value)| {
        !FRAME.contains(&name.as_str())
            && member.as_object().map_or(!member.is_null(), |fields| !fields.is_empty())
    };
    let mut conflicts = Vec::new();
    if mutation.payload.iter().any(says) {
        let unreadable = Ask {
            collection: Collection::Conflicts,
            record_id: String::new(),
            base: None,
            edited_at: None,
            after: None,
            group: None,
            op: Arc::new(Op::Delete),
        };
        let ask = mutation.ask.as_ref().unwrap_or(&unreadable);
        let reused = refusal.code == RefusalCode::MutationIdReused;
        let dispute = Dispute {
            name: if reused { &mutation.fingerprint } else { "refused" },
            reason: ConflictReason::Rejected,
            about: (text("c"), text("id")),
            fields: json!({
                "policy": "refused", "code": refusal.code.as_str(),
                "lost": mutation.payload.get("set").filter(|set| set.is_object()),
                "mutation": *mutation.payload,
            }),
            asks: true,
        };
        let job = Job::new(log, mutation, ask);
        conflicts.push(note(log, &job, &dispute)?);
    }
    Ok(Outcome::Refused { status, refusal, record, conflicts })
}

fn remember<L: Log>(
    log: &mut L,
    mutation: &Mutation,
    outcome: &Outcome,
    text: &str,
) -> WriteResult<(), L> {
    let (status, rev) = match outcome {
        Outcome::Duplicate { .. } => return Ok(()),
        Outcome::Done { status, rev, .. } => (*status, *rev),
        // The first mutation of that name stays in the ledger.
        Outcome::Refused { refusal, .. } if refusal.code == RefusalCode::MutationIdReused => {
            return Ok(());
        }
        Outcome::Refused { status, record, .. } => {
            (*status, record.as_ref().map(|record| record.rev))
        }
    };
    let known = Known {
        id: name_of(mutation).to_owned(),
        fingerprint: mutation.fingerprint.clone(),
        status,
        rev,
        result: text.to_owned(),
    };
    log.remember(&known)
}

impl Done {
    /// Nothing was to be done about `record`.
    pub(super) fn nothing(record: Option<Record>) -> Self {
        Self { status: Status::Noop, record, conflicts: Vec::new() }
    }

    fn into_outcome(self) -> Outcome {
        let Self { status, record, conflicts } = self;
        let rev = record.as_ref().map(|record| record.rev);
        let deleted = record.as_ref().is_none_or(|record| record.deleted_rev.is_some());
        let record = record.filter(|_| status == Status::Merged).map(Box::new);
        Outcome::Done { status, rev, record, deleted, conflicts }
    }
}
