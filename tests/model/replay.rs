//! The steps of the model on the real engine over an account in memory, and whether it does the same.

use crate::paths::{Bounds, Step, World};
use crate::rules::{Conflicts, Op, Status, Typed, Who};
use afterview_domain::entities::Collection;
use afterview_domain::sync::Record;
use afterview_tests::simulation::{Bug, MemoryServer, START_MS, Server};
use serde_json::{Value, json};
use stateright::Model;

/// The real server and what of it the devices know, one to one with a [`World`].
#[derive(Debug, Clone)]
pub(crate) struct Real {
    server: MemoryServer,
    seen: [Option<i64>; 2],
    outbox: [Option<Value>; 2],
    answered: [Option<(Value, Value)>; 2],
}

fn title(value: Typed) -> Value {
    json!(format!("v{value}"))
}

fn request(mutations: &[&Value]) -> Value {
    json!({"protocol": 1, "schema": 1, "client_time": START_MS, "mutations": mutations,
        "collections": ["conflicts"], "max_changes": 1})
}

impl Real {
    /// An account with an opportunity.
    pub(crate) fn new() -> Self {
        let mut server = MemoryServer::new(Bug::None, START_MS);
        let owner = json!({"mid": "o", "c": "opportunities", "id": "o1", "op": "create",
            "set": {"employer": "Acme", "role": "Developer"}});
        let _ = server.sync("desk", &request(&[&owner]), START_MS);
        Self { server, seen: [None; 2], outbox: [None, None], answered: [None, None] }
    }

    fn record(&self) -> Option<&Record> {
        self.server.records().find(|record| record.collection == Collection::FollowUps)
    }

    fn send(&mut self, who: Who, mutation: &Value) -> Value {
        let device = ["phone", "tablet"][who];
        let answer = self.server.sync(device, &request(&[mutation]), START_MS);
        answer.expect("the server is up")["results"][0].clone()
    }

    /// Does one step.
    pub(crate) fn step(&mut self, step: Step, n: u8) -> Result<(), String> {
        match step {
            Step::Do(who, op) => {
                let mut mutation = match op {
                    Op::Create(value) => json!({"op": "create", "set": {
                        "action_key": "o1/custom/x/self", "opportunity_id": "o1", "kind": "custom",
                        "title": title(value), "due_at": "2026-05-12T14:00:00Z"}}),
                    Op::Edit(value) => json!({"op": "patch", "set": {"title": title(value)}}),
                    Op::Delete => json!({"op": "delete"}),
                    Op::MarkSent => json!({"op": "action", "action": "mark_sent", "args": {}}),
                };
                for (name, value) in [
                    ("mid", json!(format!("{who}-{n}"))),
                    ("c", json!("follow_ups")),
                    ("id", json!("x")),
                    ("base", json!(self.seen[who])),
                    ("at", json!(START_MS)),
                ] {
                    mutation[name] = value;
                }
                self.outbox[who] = Some(mutation);
            }
            Step::Sync(who) => {
                if let Some(mutation) = self.outbox[who].take() {
                    let result = self.send(who, &mutation);
                    let first = match &result["original"] {
                        Value::Null => result.clone(),
                        original => original.clone(),
                    };
                    self.answered[who] = Some((mutation, first));
                }
                self.seen[who] = self.record().map(|record| record.rev);
            }
            Step::LoseAnswer(who) => {
                let mutation = self.outbox[who].clone().ok_or("nothing waits")?;
                self.send(who, &mutation);
            }
            Step::Crash(who) => self.seen[who] = None,
            Step::Repeat(who) => {
                let (mutation, first) = self.answered[who].clone().ok_or("nothing was answered")?;
                let again = self.send(who, &mutation);
                if again["status"] != "duplicate" || again["original"] != first {
                    return Err(format!("answered {first}, and then {again}"));
                }
            }
        }
        Ok(())
    }

    /// What differs from the model.
    pub(crate) fn compare(&self, world: &World) -> Result<(), String> {
        let model = world.server.record;
        let real = self.record();
        let expected = model.map(|record| {
            (title(record.value), record.deleted.is_some(), record.sent, record.archived)
        });
        let found = real.map(|record| {
            let is = |name: &str, value: Value| record.doc.get(name) == Some(&value);
            let state = (is("status", json!("sent")), is("archived", json!(true)));
            (record.doc["title"].clone(), record.deleted_rev.is_some(), state.0, state.1)
        });
        if expected != found {
            return Err(format!("the model has {expected:?}, the engine {found:?}"));
        }
        let conflicts = self.conflicts();
        if conflicts != world.server.conflicts {
            let expected = world.server.conflicts;
            return Err(format!("the model has {expected:?}, the engine {conflicts:?}"));
        }
        for (who, device) in world.devices.iter().enumerate() {
            let expected = device.answered.map(|(_, status)| status);
            let found = self.answered[who].as_ref().map(|(_, result)| status(result));
            if expected != found {
                return Err(format!("the model answered {expected:?}, the engine {found:?}"));
            }
        }
        world.server.kept.iter().try_for_each(|value| self.holds(*value))
    }

    fn conflicts(&self) -> Conflicts {
        let mut all = Conflicts::default();
        for record in self.server.records() {
            let reason = record.doc.get("reason").and_then(Value::as_str).unwrap_or_default();
            match reason {
                "concurrent" => all.concurrent += 1,
                "delete_vs_edit" => all.delete_vs_edit += 1,
                "edit_vs_delete" => all.edit_vs_delete += 1,
                "rejected" => all.rejected += 1,
                _ => {}
            }
        }
        all
    }

    /// Whether a value is in the history or in a conflict.
    fn holds(&self, value: Typed) -> Result<(), String> {
        let title = title(value);
        let mut changes = self.server.history().filter_map(|row| row.changed.get("title"));
        let in_history = changes.any(|change| change["old"] == title);
        let mut conflicts = self.server.records().filter_map(|record| record.doc.get("lost"));
        let found = in_history || conflicts.any(|lost| lost["title"] == title);
        found.then_some(()).ok_or_else(|| format!("{title} is lost"))
    }
}

fn status(result: &Value) -> Status {
    match result["status"].as_str() {
        Some("applied") => Status::Applied,
        Some("merged") => Status::Merged,
        Some("noop") => Status::Noop,
        _ => Status::Rejected,
    }
}

/// Every path within the bounds, on both sides at once; gives the number of paths to their end and of
/// steps.
pub(crate) fn all(bounds: &Bounds) -> Result<(u64, u64), String> {
    let mut stack = vec![(World::default(), Real::new(), Vec::new())];
    let (mut paths, mut taken) = (0, 0);
    while let Some((world, real, path)) = stack.pop() {
        let mut steps = Vec::new();
        bounds.actions(&world, &mut steps);
        paths += u64::from(steps.is_empty());
        for step in steps {
            let Some(next) = bounds.next_state(&world, step) else { continue };
            let mut path: Vec<Step> = path.clone();
            path.push(step);
            let mut real = real.clone();
            let n = match step {
                Step::Do(who, _) => world.devices[who].done,
                _ => 0,
            };
            let done = real.step(step, n).and_then(|()| real.compare(&next));
            done.map_err(|what| format!("{path:?}: {what}\n{next:#?}"))?;
            taken += 1;
            stack.push((next, real, path));
        }
    }
    Ok((paths, taken))
}
