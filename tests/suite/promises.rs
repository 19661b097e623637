//! Words read as dates: without storing them, and in what they said.

use crate::support::{create, item, with};
use afterview_tests::{Client, TestApp, story};
use serde_json::{Value, json};

async fn parse(client: &Client, body: Value) -> Value {
    client.post("/v1/promises/parse", body).await.expect(200)
}

async fn follow_up(client: &Client) -> Value {
    let plan = client.get("/v1/opportunities/acme/plan").await.expect(200);
    item(&plan, "follow_up").clone()
}

/// The story with "next Friday" instead, and the address of that promise.
async fn next_friday(app: &TestApp) -> (Client, String) {
    let client = app.user("candidate").await;
    story::record(&client).await;
    let debrief = json!({"promise": {"text": "next Friday"}});
    client.post("/v1/interviews/i1/debrief", debrief).await.expect(200);
    let page = client.get("/v1/expectations").await.expect(200);
    let id = page["items"][0]["id"].as_str().unwrap();
    (client, format!("/v1/expectations/{id}"))
}

#[actix_web::test]
async fn reading_words_stores_nothing() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let tag = client.get("/v1/expectations").await.header("etag").to_owned();
    let reading = parse(&client, json!({"text": "hopefully by the end of the week"})).await;
    insta::assert_json_snapshot!(reading, @r#"
    {
      "ambiguous": false,
      "by": "2026-05-08",
      "from": "2026-05-08",
      "hedged": true,
      "kind": "exact",
      "rule": "PH-EOW",
      "spoken_at": "2026-05-06T19:05:00Z",
      "time_zone": "America/New_York"
    }
    "#);
    let after = client.get("/v1/expectations").await;
    assert_eq!((after.json(), after.header("etag")), (json!({"items": []}), tag.as_str()));
}

#[actix_web::test]
async fn days_are_counted_in_the_zone_of_the_office() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let tomorrow = json!({"text": "tomorrow", "spoken_at": "2026-05-07T02:00:00Z"});
    // It is still Wednesday in New York, where the candidate and Acme are.
    for extra in [json!({}), json!({"opportunity_id": "acme"}), json!({"office": {}})] {
        let reading = parse(&client, with(tomorrow.clone(), &extra)).await;
        assert_eq!(
            (&reading["by"], &reading["time_zone"]),
            (&json!("2026-05-07"), &json!("America/New_York"))
        );
    }
    let prague = json!({"office": {"time_zone": "Europe/Prague"}});
    assert_eq!(parse(&client, with(tomorrow, &prague)).await["by"], "2026-05-08");
}

#[actix_web::test]
async fn the_calendar_of_the_office_decides_what_a_business_day_is() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    // Friday 3 July 2026: Independence Day, observed.
    let words = json!({"text": "in two business days", "spoken_at": "2026-07-01T15:00:00Z"});
    let plain = parse(&client, with(words.clone(), &json!({"office": {}}))).await;
    let federal = json!({"office": {"calendar": "US-FED"}});
    let federal = parse(&client, with(words, &federal)).await;
    assert_eq!((&plain["by"], &federal["by"]), (&json!("2026-07-03"), &json!("2026-07-06")));
}

#[actix_web::test]
async fn words_that_are_not_understood_are_kept_and_said_to_be() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let reading = parse(&client, json!({"text": "when the cows come home"})).await;
    assert_eq!((&reading["kind"], reading.get("by")), (&json!("unparsed"), None));
    let promise = json!({"opportunity_id": "acme", "text": "when the cows come home"});
    let kept = create(&client, "/v1/expectations", promise).await;
    assert_eq!(
        (&kept["kind"], &kept["text"]),
        (&json!("unparsed"), &json!("when the cows come home"))
    );
}

#[actix_web::test]
async fn of_two_readings_the_later_counts_until_the_candidate_confirms_the_other() {
    let app = TestApp::start().await;
    let (client, path) = next_friday(&app).await;
    let promise = client.get(&path).await.expect(200);
    assert_eq!(
        (&promise["by"], &promise["alternative"]),
        (&json!("2026-05-15"), &json!("2026-05-08"))
    );
    assert_eq!(promise["ambiguous"], true);
    let before = follow_up(&client).await;
    assert_eq!(before["ideal"], "2026-05-19T14:00:00Z");
    assert!(before["flags"].as_array().unwrap().contains(&json!("confirm_date")), "{before}");
    let confirm = json!({"kind": "confirmed", "by": promise["alternative"]});
    let confirmed = client.patch(&path, confirm).await.expect(200);
    assert_eq!(
        (&confirmed["from"], &confirmed["by"]),
        (&json!("2026-05-08"), &json!("2026-05-08"))
    );
    assert_eq!((confirmed.get("ambiguous"), confirmed.get("alternative")), (None, None));
    let after = follow_up(&client).await;
    assert_eq!(after["ideal"], "2026-05-12T14:00:00Z");
    assert!(!after["flags"].as_array().unwrap().contains(&json!("confirm_date")), "{after}");
}

#[actix_web::test]
async fn other_words_are_read_again_unless_the_date_was_confirmed() {
    let app = TestApp::start().await;
    let (client, path) = next_friday(&app).await;
    let tomorrow = json!({"text": "tomorrow"});
    let reread = client.patch(&path, tomorrow).await.expect(200);
    assert_eq!((&reread["by"], &reread["ambiguous"]), (&json!("2026-05-07"), &json!(false)));
    client.patch(&path, json!({"kind": "confirmed", "by": "2026-05-13"})).await.expect(200);
    let noted = client.patch(&path, json!({"text": "by Monday"})).await.expect(200);
    assert_eq!((&noted["by"], &noted["text"]), (&json!("2026-05-13"), &json!("by Monday")));
    let back = client.patch(&path, json!({"kind": null})).await.expect(200);
    assert_eq!((&back["by"], &back["kind"]), (&json!("2026-05-11"), &json!("exact")));
}

#[actix_web::test]
async fn a_reply_with_a_new_date_moves_the_follow_up() {
    let app = TestApp::start().await;
    let mut client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    assert_eq!(follow_up(&client).await["ideal"], "2026-05-12T14:00:00Z");
    app.clock.set("2026-05-08T15:00:00Z");
    client.refresh().await;
    let reply = json!({
        "opportunity_id": "acme", "at": "2026-05-08T14:30:00Z", "from": "anna",
        "kind": "new_date", "text": "by Wednesday",
    });
    let reply = create(&client, "/v1/replies", reply).await;
    assert_eq!(follow_up(&client).await["ideal"], "2026-05-15T14:00:00Z");
    let path = format!("/v1/replies/{}", reply["id"].as_str().unwrap());
    assert_eq!(client.delete(&path).await.status, 204);
    assert_eq!(follow_up(&client).await["ideal"], "2026-05-12T14:00:00Z");
}

#[actix_web::test]
async fn the_list_of_calendars_names_what_an_office_can_name() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let list = client.get("/v1/calendars").await.expect(200);
    let items = list["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 500 && ids.is_sorted() && list["version"].is_string(), "{ids:?}");
    for id in ["NONE", "US-FED", "DE-BE", "JP", "IT-MI"] {
        let calendar = items.iter().find(|item| item["id"] == id).unwrap();
        assert_eq!([&calendar["first_year"], &calendar["last_year"]], [2024, 2036]);
        let body = json!({"text": "tomorrow", "office": {"calendar": id}});
        assert_eq!(parse(&client, body).await["kind"], "exact", "{id}");
    }
}

#[actix_web::test]
async fn the_list_of_calendars_can_be_that_of_one_country() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let names = async |country: &str| {
        let list = client.get(&format!("/v1/calendars?country={country}")).await.expect(200);
        let items = list["items"].as_array().unwrap().clone();
        assert!(items.iter().all(|item| item["country"] == country), "{items:?}");
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("CZ").await, ["Czechia"]);
    assert_eq!(names("GB").await.last().unwrap(), "United Kingdom, Wales");
    assert!(names("MARS").await.is_empty());
    client.get("/v1/calendars?state=open").await.expect(400);
}

#[actix_web::test]
async fn when_the_office_turns_out_to_be_elsewhere_its_promises_are_read_again() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    let facts = story::record(&client).await;
    story::debrief(&client, &facts).await;
    let promise = async || client.get("/v1/expectations").await.expect(200)["items"][0].clone();
    assert_eq!(promise().await["by"], "2026-05-08");
    let closed_on_friday = json!({"office": {"closures": ["2026-05-08"]}});
    client.patch("/v1/opportunities/acme", closed_on_friday).await.expect(200);
    let read_again = promise().await;
    assert_eq!(read_again["by"], "2026-05-07");

    let path = format!("/v1/expectations/{}", read_again["id"].as_str().unwrap());
    let confirmed = json!({"kind": "confirmed", "by": "2026-05-08"});
    client.patch(&path, confirmed).await.expect(200);
    let open_again = json!({"office": {"closures": []}});
    client.patch("/v1/opportunities/acme", open_again).await.expect(200);
    assert_eq!(promise().await["kind"], "confirmed");
}

#[actix_web::test]
async fn a_deleted_promise_can_be_put_back_as_it_was_read() {
    let app = TestApp::start().await;
    let (client, path) = next_friday(&app).await;
    let read = client.get(&path).await.expect(200);
    assert_eq!(client.delete(&path).await.status, 204);
    let back = client.put(&path, read.clone()).await.expect(201);
    assert_eq!((&back["by"], &back["text"]), (&read["by"], &read["text"]));
    assert!(back["rev"].as_i64() > read["rev"].as_i64());
}

#[actix_web::test]
async fn a_promise_beyond_all_dates_is_kept_as_words_and_stays_writable() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    let far = json!({"opportunity_id": "acme", "text": "within 999 months", "spoken_at": "2199-12-31T23:00:00Z"});
    let stored = create(&client, "/v1/expectations", far).await;
    assert_eq!((&stored["kind"], &stored["by"]), (&json!("unparsed"), &Value::Null));
    let path = format!("/v1/expectations/{}", stored["id"].as_str().unwrap());
    client.patch(&path, json!({"subject": "feedback"})).await.expect(200);
    client.patch("/v1/opportunities/acme", json!({"office": {"name": "Boston"}})).await.expect(200);
}
