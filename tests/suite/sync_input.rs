//! Mutations that are wrong: each is answered by itself, disturbs nobody else, and what it said is kept.

use crate::device::caller;
use crate::phone::{
    conflicts, ends, kept, mutation, one, patch, push, refused, round, send, stored, two, with_acme,
};
use crate::support::{create, opportunity, pointers, with};
use afterview_tests::{Client, TestApp};
use serde_json::{Map, Value, json};

const ACME: &str = "opportunities/acme";

/// Pushes a wrong mutation between two good ones: those are carried out, and the wrong one is refused
/// with that code and kept.
async fn between(client: &Client, wrong: Value, code: &str) -> Value {
    let count = conflicts(client).await.len();
    let good = |n: usize| {
        let set = json!({"name": format!("Contact {n}"), "role": "referee"});
        mutation(
            &format!("g{count}-{n}"),
            "create",
            &format!("contacts/c{count}-{n}"),
            json!({ "set": set }),
        )
    };
    let results = push(client, json!([good(1), wrong, good(2)])).await;
    assert_eq!(
        (&results[0]["status"], &results[2]["status"]),
        (&json!("applied"), &json!("applied"))
    );
    let result = results[1].clone();
    assert_eq!(
        (&result["status"], &result["error"]["code"]),
        (&json!("rejected"), &json!(code)),
        "{result:#}"
    );
    let conflict = kept(client, &wrong).await;
    assert_eq!(json!([conflict["id"]]), result["conflicts"]);
    for n in 1..=2 {
        assert_eq!(
            stored(client, &format!("contacts/c{count}-{n}")).await["name"],
            format!("Contact {n}")
        );
    }
    result
}

#[actix_web::test]
async fn a_mutation_that_cannot_be_understood_is_refused_alone_and_kept() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let typed = json!({"role": "Analyst"});
    let good = |mid: &str| patch(mid, ACME, &base, typed.clone());
    let wrongs = [
        ("/c", json!({"c": "people"})),
        ("/c", json!({"c": 7})),
        ("/id", json!({"id": "a b"})),
        ("/id", json!({"id": ".."})),
        ("/id", json!({"id": "x".repeat(65)})),
        ("/op", json!({"op": "upsert"})),
        ("/op", json!({"op": null})),
        ("/base", json!({"base": -1})),
        ("/base", json!({"base": 1.5})),
        ("/base", json!({"base": "7"})),
        ("/base", json!({"base": i64::MAX})),
        ("/at", json!({"at": i64::MIN})),
        ("/at", json!({"at": u64::MAX})),
        ("/at", json!({"at": 0.5})),
        ("/at", json!({"at": "2026-05-06T19:15:00Z"})),
        ("/set", json!({"set": ["role", "Analyst"]})),
        ("/set", json!({"set": "Analyst"})),
        ("/add", json!({"add": 7})),
        ("/text_base/notes", json!({"text_base": {"notes": 7}})),
        ("/after", json!({"after": {}})),
        ("/txn", json!({"txn": [1]})),
        ("/frobnicate", json!({"frobnicate": true})),
        ("/action", json!({"action": "explode"})),
    ];
    for (n, (pointer, wrong)) in wrongs.into_iter().enumerate() {
        let result = between(&client, with(good(&format!("w{n}")), &wrong), "malformed").await;
        assert_eq!(pointers(&result["error"]), [pointer], "{result:#}");
    }
    let skip = json!({"op": "action", "action": "skip", "args": {"reason": "x"}});
    for (n, wrong) in
        [json!({"action": "skip"}), json!({"op": "action"}), skip].into_iter().enumerate()
    {
        between(&client, with(good(&format!("v{n}")), &wrong), "malformed").await;
    }
    assert_eq!(stored(&client, ACME).await["role"], "Data engineer");
}

#[actix_web::test]
async fn fields_that_are_wrong_are_named_and_kept() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    for (n, (pointer, more)) in [
        ("/set/color", json!({"set": {"role": "Analyst", "color": "red"}})),
        ("/set/role", json!({"set": {"role": 7}})),
        ("/set/role", json!({"set": {"role": ""}})),
        ("/set/contact_policy", json!({"set": {"contact_policy": "never"}})),
        ("/set/agency_contact_id", json!({"set": {"agency_contact_id": "nobody"}})),
        ("/set/notes", json!({"set": {"notes": "n".repeat(20_001)}})),
        ("/set/notes", json!({"set": {"notes": "\u{1f389}".repeat(16_500)}})),
        ("/set/tags", json!({"set": {"tags": (0..51).map(|n| n.to_string()).collect::<Vec<_>>()}})),
        ("/add/role", json!({"add": {"role": ["x"]}})),
        ("/add/color", json!({"add": {"color": ["x"]}})),
        ("/remove/tags", json!({"set": {"tags": []}, "remove": {"tags": ["x"]}})),
    ]
    .into_iter()
    .enumerate()
    {
        let wrong = mutation(&format!("w{n}"), "patch", ACME, with(json!({ "base": base }), &more));
        let result = between(&client, wrong, "validation_failed").await;
        assert_eq!(pointers(&result["error"]), [pointer], "{result:#}");
        assert_eq!(result["record"]["role"], "Data engineer");
    }
}

#[actix_web::test]
async fn a_record_that_is_too_large_is_refused_and_kept() {
    let app = TestApp::start().await;
    let (client, ..) = with_acme(&app, json!({})).await;
    // Characters that JSON writes with six bytes each, in every field that takes many.
    let points: Vec<Value> =
        (0..50).map(|n| json!({"text": format!("{n:02}{}", "\u{1}".repeat(498))})).collect();
    let set = json!({
        "opportunity_id": "acme", "starts_at": "2026-05-06T18:00:00Z",
        "ends_at": "2026-05-06T19:00:00Z", "talking_points": points, "notes": "\u{1}".repeat(20_000),
    });
    let large = mutation("m1", "create", "interviews/i1", json!({ "set": set }));
    between(&client, large, "limit_exceeded").await;
    // The fields of a newer app have a limit of their own.
    let fields: Map<String, Value> =
        (0..20).map(|n| (format!("new_{n}"), json!("x".repeat(900)))).collect();
    let newer = mutation("m2", "patch", ACME, json!({ "set": fields }));
    let body = with(round(&json!([newer])), &json!({"schema": 2}));
    let answer = send(&client, body).await.expect(200);
    assert_eq!(answer["results"][0]["error"]["code"], "limit_exceeded");
    kept(&client, &newer).await;
}

#[actix_web::test]
async fn mutations_without_a_usable_name_are_refused_once_and_not_mixed_up() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let nameless = |mid: Value, role: &str| {
        let mut wrong = patch("x", ACME, &base, json!({ "role": role }));
        match mid {
            Value::Null => wrong.as_object_mut().unwrap().remove("mid"),
            mid => wrong.as_object_mut().unwrap().insert("mid".to_owned(), mid),
        };
        wrong
    };
    let wrongs = [
        nameless(json!(null), "a"),
        nameless(json!(null), "b"),
        nameless(json!(""), "a"),
        nameless(json!(7), "a"),
        nameless(json!("a b"), "a"),
        nameless(json!("x".repeat(65)), "a"),
        nameless(json!({"mid": 1}), "a"),
    ];
    for wrong in &wrongs {
        let result = between(&client, wrong.clone(), "malformed").await;
        assert_eq!(pointers(&result["error"]), ["/mid"]);
    }
    let count = conflicts(&client).await.len();
    for result in push(&client, json!(wrongs)).await {
        assert_eq!(
            (&result["status"], &result["original"]["status"]),
            (&json!("duplicate"), &json!("rejected"))
        );
    }
    assert_eq!(conflicts(&client).await.len(), count);
}

#[actix_web::test]
async fn a_name_used_again_for_something_else_is_refused_and_the_first_stays() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let first = patch("m1", ACME, &base, json!({"role": "Analyst"}));
    let result = ends(&client, first.clone(), "applied").await;
    let second = patch("m1", ACME, &base, json!({"role": "Manager"}));
    between(&client, second.clone(), "mutation_id_reused").await;
    let third = patch("m1", ACME, &base, json!({"role": "Owner"}));
    between(&client, third, "mutation_id_reused").await;
    // Each as often as one likes.
    refused(&client, second, "mutation_id_reused").await;
    let again = ends(&client, first.clone(), "duplicate").await;
    assert_eq!(again["original"], result);
    assert_eq!(stored(&client, ACME).await["role"], "Analyst");
    assert_eq!(conflicts(&client).await.len(), 2);
    // Members in another order are the same mutation.
    let members: Vec<(String, Value)> =
        first.as_object().unwrap().iter().rev().map(|(k, v)| (k.clone(), v.clone())).collect();
    let turned = members.iter().map(|(name, value)| format!("{}:{value}", json!(name)));
    let turned = turned.collect::<Vec<_>>().join(",");
    let body = format!(r#"{{"mutations":[{{{turned}}}],"client_time":5,"schema":1,"protocol":1}}"#);
    let headers = [("content-type", "application/json")];
    let answer = client.raw(reqwest::Method::POST, "/v1/sync", &headers, body.into_bytes()).await;
    assert_eq!(answer.expect(200)["results"][0]["status"], "duplicate");
}

#[actix_web::test]
async fn collections_and_names_that_the_server_keeps_to_itself_stay_as_they_are() {
    let app = TestApp::start().await;
    let (client, _, base) = with_acme(&app, json!({})).await;
    let wrong = patch("w0", ACME, &base, json!({"role": ""}));
    let id = refused(&client, wrong, "validation_failed").await["conflicts"][0].clone();
    let conflict = format!("conflicts/{}", id.as_str().unwrap());
    let state = json!({"set": {"state": "resolved"}});
    between(&client, mutation("w1", "patch", &conflict, state.clone()), "read_only").await;
    between(&client, mutation("w2", "create", "conflicts/mine", state), "read_only").await;
    for (n, record) in [conflict.as_str(), "preferences/me"].into_iter().enumerate() {
        let result =
            ends(&client, mutation(&format!("d{n}"), "delete", record, json!({})), "rejected")
                .await;
        assert_eq!(result["error"]["code"], "read_only");
    }
    let zone = json!({"set": {"time_zone": "Europe/Berlin"}});
    let other = between(
        &client,
        mutation("w3", "create", "preferences/you", zone.clone()),
        "validation_failed",
    )
    .await;
    assert_eq!(pointers(&other["error"]), ["/id"]);
    between(&client, mutation("w4", "patch", "preferences/you", zone), "not_found").await;
    let note = json!({"set": {
        "action_key": "acme/follow_up/1/employer", "opportunity_id": "acme", "kind": "follow_up",
    }});
    let result = between(
        &client,
        mutation("w5", "create", "follow_ups/mine", note.clone()),
        "validation_failed",
    )
    .await;
    assert_eq!(pointers(&result["error"]), ["/id"]);
    let sent = with(note, &json!({"action": "mark_sent"}));
    between(&client, mutation("w6", "action", "follow_ups/mine", sent), "validation_failed").await;
}

#[actix_web::test]
async fn times_that_no_calendar_has_are_as_good_as_now_or_as_never() {
    let app = TestApp::start().await;
    let (client, ..) = with_acme(&app, json!({})).await;
    let range = 8_640_000_000_000_000_i64;
    for (n, at) in [range, -range, 0, -1].into_iter().enumerate() {
        for (k, clock) in [range, -range, 0].into_iter().enumerate() {
            let base = stored(&client, ACME).await["rev"].clone();
            let role = format!("Role {n} {k}");
            let edit = with(
                patch(&format!("m{n}-{k}"), ACME, &base, json!({ "role": role })),
                &json!({ "at": at }),
            );
            let body = with(round(&json!([edit])), &json!({ "client_time": clock }));
            let answer = send(&client, body).await.expect(200);
            assert_eq!(answer["results"][0]["status"], "applied", "{answer:#}");
            assert_eq!(stored(&client, ACME).await["role"], role);
        }
    }
    assert_eq!(conflicts(&client).await.len(), 0);
    push(&client, json!([])).await;
}

#[actix_web::test]
async fn a_base_that_no_log_has_reached_is_no_licence_to_lose_anything() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    create(&phone, "/v1/opportunities", opportunity("acme")).await;
    let ahead = json!(8_640_000_000_000_000_i64);
    ends(&phone, patch("m1", ACME, &json!(0), json!({"role": "Analyst"})), "applied").await;
    one(&tablet, patch("m2", ACME, &ahead, json!({"role": "Manager"}))).await;
    assert_eq!(stored(&phone, ACME).await["role"], "Manager");
    let history = phone.get("/v1/records/opportunities/acme/history").await.expect(200);
    assert_eq!(history["items"][0]["changed"]["role"]["old"], "Analyst");
    let delete = mutation("m3", "delete", ACME, json!({ "base": ahead }));
    ends(&phone, delete, "applied").await;
    refused(&tablet, patch("m4", ACME, &ahead, json!({"role": "Owner"})), "deleted").await;
    push(&phone, json!([])).await;
}

#[actix_web::test]
async fn a_record_of_somebody_else_is_one_that_does_not_exist() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    create(&alice, "/v1/opportunities", opportunity("hers")).await;
    let before = alice.get("/v1/sync/changes").await.text;
    let attempts = |id: &str, n: usize| {
        let record = format!("opportunities/{id}");
        let contact = json!({"set": {"name": "Eve", "role": "referee", "opportunity_id": id}});
        let mid = |what: usize| format!("{n}-{what}");
        json!([
            patch(&mid(1), &record, &json!(null), json!({"role": "x"})),
            mutation(&mid(2), "delete", &record, json!({})),
            mutation(&mid(3), "restore", &record, json!({})),
            mutation(&mid(4), "create", &format!("contacts/c{n}"), contact),
            mutation(&mid(5), "action", &record, json!({"action": "skip"})),
        ])
    };
    let texts = |results: Vec<Value>, id: &str, n: usize| {
        let text = json!(
            results
                .iter()
                .map(|it| with(it.clone(), &json!({"conflicts": null})))
                .collect::<Vec<_>>()
        );
        text.to_string().replace(id, "ID").replace(&format!("\"{n}-"), "\"N-")
    };
    let theirs = texts(push(&bob, attempts("hers", 1)).await, "hers", 1);
    let nothing = texts(push(&bob, attempts("none", 2)).await, "none", 2);
    assert_eq!(theirs, nothing);
    assert_eq!(alice.get("/v1/sync/changes").await.text, before);
    // The name of a mutation is somebody's own, too.
    let set = json!({"set": {"name": "Anna", "role": "referee"}});
    ends(&alice, mutation("1-4", "create", "contacts/c1", set), "applied").await;
}

#[actix_web::test]
async fn a_session_that_is_not_the_callers_own_is_refused_with_everything() {
    let app = TestApp::start().await;
    let (phone, tablet) = two(&app).await;
    let body = |device: String| {
        let set = json!({"set": {"name": "Anna", "role": "referee"}});
        with(
            round(&json!([mutation("m1", "create", "contacts/anna", set)])),
            &json!({"device_id": device}),
        )
    };
    let (own, other) = (caller(&phone).1, caller(&tablet).1);
    let problem = send(&phone, body(other)).await.expect_problem("validation_failed");
    assert_eq!(pointers(&problem), ["/device_id"]);
    assert_eq!(stored(&phone, "contacts/anna").await, Value::Null);
    send(&phone, body(own)).await.expect(200);
}
