//! Rules as a resource: whatever the advice refers to can be read, with its numbers and its
//! evidence.

use crate::support::each;
use afterview_tests::{Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every reason anywhere in `value`.
fn reasons(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) if map.contains_key("rule") => found.push(value.clone()),
        Value::Object(map) => map.values().for_each(|value| reasons(value, found)),
        Value::Array(items) => items.iter().for_each(|value| reasons(value, found)),
        _ => {}
    }
}

/// Reads the rule of every reason in `answer`; their names.
async fn resolved(client: &Client, answer: &Value) -> BTreeSet<String> {
    let mut found = Vec::new();
    reasons(answer, &mut found);
    let mut names = BTreeSet::new();
    for reason in found {
        let read = client.get(reason["url"].as_str().unwrap()).await.expect(200);
        assert_eq!(read["rule"]["id"], reason["rule"]);
        names.insert(reason["rule"].as_str().unwrap().to_owned());
    }
    names
}

#[actix_web::test]
async fn every_reason_of_the_story_can_be_read_about() {
    let app = TestApp::start().await;
    let mut client = app.user("candidate").await;
    let facts = story::record(&client).await;
    let plan = story::debrief(&client, &facts).await;
    let names = resolved(&client, &plan).await;
    assert_eq!(
        Vec::from_iter(&names),
        ["F1-PROMISE", "H2-WAIT", "T1", "T4-NEXT-MORNING", "W1-RECIPIENT"]
    );

    app.clock.set("2026-05-12T14:00:00Z");
    client.refresh().await;
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    assert_eq!(
        plan["headline"]["url"],
        format!("/v1/rules/{}", plan["headline"]["rule"].as_str().unwrap())
    );
    assert!(resolved(&client, &plan).await.contains("F1-PROMISE"));
    for path in ["/v1/agenda", "/v1/follow-ups"] {
        let list = client.get(path).await.expect(200);
        assert!(!resolved(&client, &list).await.is_empty(), "{path}");
    }
}

#[actix_web::test]
async fn a_rule_shows_what_it_does_its_numbers_and_its_evidence() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let answer = client.get("/v1/rules/F3-HEDGED").await.expect(200);
    assert_eq!(answer["policy_version"], "1");
    assert!(answer["limits"].as_str().unwrap().contains("not the result of experiments"));
    let expected = json!({
        "id": "F3-HEDGED", "family": "follow_up", "title": "They were not sure",
        "template": "They were not sure themselves, so {slack} of patience is added.",
        "about": "After words such as \"hopefully\" or \"probably\" the whole window lies a little later.",
        "why": "They told you in advance that it may take longer.",
        "parameters": [{"name": "hedge_slack", "value": "1", "unit": "business_days"}],
        "evidence": [],
    });
    assert_eq!(answer["rule"], expected);
    let answer = client.get("/v1/rules/F1-PROMISE").await.expect(200);
    let rule = &answer["rule"];
    let ideal = json!({"name": "direct.promise.ideal", "value": "2", "unit": "business_days"});
    assert!(rule["parameters"].as_array().unwrap().contains(&ideal));
    let evidence = rule["evidence"].as_array().unwrap();
    assert!(evidence.contains(&json!({
        "finding": "Wait another week after the promised day.", "figure": "one week",
        "source": {
            "publisher": "provisional.com", "address": "provisional.com/blog/2018/05",
            "published": "2018-05",
        },
        "grade": "B", "kind": "opinion", "dissent": true,
    })));
    assert!(evidence.iter().any(|it| it["dissent"] == false));
}

#[actix_web::test]
async fn the_rules_can_be_listed_by_family() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let all = client.get("/v1/rules").await.expect(200);
    let names = each(&all, "id");
    assert_eq!(BTreeSet::from_iter(&names).len(), names.len());
    let families = each(&all, "family");
    let mut together = families.clone();
    together.dedup();
    assert_eq!(
        BTreeSet::from_iter(&families).len(),
        together.len(),
        "a family stands in one place"
    );
    let mut sum = 0;
    for family in together {
        let list = client.get(&format!("/v1/rules?family={family}")).await.expect(200);
        assert!(each(&list, "family").iter().all(|it| *it == family));
        assert_eq!(list["limits"], all["limits"]);
        sum += list["items"].as_array().unwrap().len();
    }
    assert_eq!(sum, names.len());
    let unknown = client.get("/v1/rules?family=weather").await;
    assert!(
        unknown.expect_problem("invalid_parameter")["detail"].as_str().unwrap().contains("tact")
    );
}

#[actix_web::test]
async fn the_rules_are_not_sent_twice() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let mut tags = BTreeSet::new();
    for path in ["/v1/rules", "/v1/rules?family=tact", "/v1/rules/T1"] {
        let tag = client.get(path).await.header("etag").to_owned();
        let known = [("if-none-match", tag.as_str())];
        let again = client.send(Method::GET, path, &known, None).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", &*tag));
        tags.insert(tag);
    }
    assert_eq!(tags.len(), 3);
}

#[actix_web::test]
async fn an_unknown_rule_is_not_found_and_nobody_reads_without_a_token() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    for path in ["/v1/rules/F1", "/v1/rules/f1-promise", "/v1/rules/%00"] {
        let problem = client.get(path).await.expect_problem("not_found");
        assert_eq!(problem["status"], 404, "{path}");
    }
    for path in ["/v1/rules", "/v1/rules/T1"] {
        assert_eq!(app.anonymous().get(path).await.status, 401, "{path}");
    }
}
