//! What the devices of this test type. Every text holds a token of its own by which it is found again.

use crate::Dice;
use crate::device::Device;
use crate::wire::ask;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Opportunities and their interviews: a write plans anew only the one that it touches.
const OPPORTUNITIES: u64 = 10;

/// The records that the account begins with.
pub(crate) fn prepare(first: &Device, address: SocketAddr) {
    for n in 0..OPPORTUNITIES {
        let opportunity = json!({"id": format!("o{n}"), "employer": "Acme", "role": "Engineer"});
        ask(address, "POST /v1/opportunities", first.token(), Some(&opportunity));
        let interview = json!({
            "id": format!("i{n}"), "opportunity_id": format!("o{n}"),
            "starts_at": "2036-05-07T18:00:00Z", "ends_at": "2036-05-07T19:00:00Z",
        });
        ask(address, "POST /v1/interviews", first.token(), Some(&interview));
    }
}

/// The token that the mutation called `mid` types.
pub(crate) fn token(mid: &str) -> String {
    format!("typed{mid}")
}

/// Fields of the mutation called `mid`, for one record or a group of two.
pub(crate) fn next(dice: &mut Dice, mid: &str, known: &[String]) -> Vec<Value> {
    let typed = token(mid);
    let o = format!("o{}", dice.below(OPPORTUNITIES));
    let contact = |role: &str| json!({"name": typed, "role": role, "opportunity_id": o});
    let create = |what: &str, set: Value| json!({"c": what, "id": mid, "op": "create", "set": set});
    let patch =
        |what: &str, id: &str, set: Value| json!({"c": what, "id": id, "op": "patch", "set": set});
    let some = |dice: &mut Dice| {
        let count = u64::try_from(known.len()).unwrap();
        known.get(usize::try_from(dice.below(count.max(1))).unwrap()).cloned()
    };
    let one = match dice.below(9) {
        0 | 1 => create("contacts", contact("referee")),
        2 => patch("opportunities", &o, json!({ "role": typed })),
        3 => patch("contacts", &some(dice).unwrap_or_default(), json!({ "name": typed })),
        4 => json!({
            "c": "interviews", "id": format!("i{}", dice.below(OPPORTUNITIES)), "op": "patch",
            "add": {"talking_points": [{"text": typed}]},
        }),
        5 => patch("opportunities", &o, json!({"role": typed, "employer": ""})),
        6 => json!({
            "c": "follow_ups", "id": mid, "op": "action", "action": "mark_sent",
            "set": {
                "action_key": format!("{o}/custom/{mid}/self"), "opportunity_id": o,
                "kind": "custom", "title": typed, "due_at": "2036-05-08T14:00:00Z",
            },
        }),
        7 => json!({"c": "contacts", "id": some(dice).unwrap_or_default(), "op": "delete"}),
        _ => {
            // A group, every other one with a wrong member.
            let role = if dice.below(2) == 0 { "referee" } else { "no such role" };
            let (a, b) = (patch("opportunities", &o, json!({ "role": typed })), contact(role));
            return vec![a, create("contacts", b)];
        }
    };
    vec![one]
}
