//! Requests that cannot be right are refused with the fault named, and leave no trace.

use crate::support::{database, pointers, with};
use afterview_tests::{Client, TestApp, story};
use reqwest::Method;
use serde_json::{Value, json};

type Verdict = (u16, &'static str);
const MALFORMED: Verdict = (400, "malformed_json");
const PARAMETER: Verdict = (400, "invalid_parameter");
const CURSOR: Verdict = (400, "invalid_cursor");
const FAULTY: Verdict = (422, "validation_failed");

#[derive(Clone)]
struct Case {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    verdict: Verdict,
    pointers: Vec<&'static str>,
}

fn sent(method: Method, path: &str, body: impl Into<Vec<u8>>, verdict: Verdict) -> Case {
    let headers = vec![("content-type", "application/json".to_owned())];
    Case { method, path: path.to_owned(), headers, body: body.into(), verdict, pointers: vec![] }
}

fn got(path: &str, verdict: Verdict) -> Case {
    Case { headers: vec![], ..sent(Method::GET, path, "", verdict) }
}

fn faulty(method: Method, path: &str, body: &Value, pointers: &[&'static str]) -> Case {
    Case { pointers: pointers.to_vec(), ..sent(method, path, body.to_string(), FAULTY) }
}

impl Case {
    fn headed(self, name: &'static str, value: &str) -> Self {
        let others = self.headers.into_iter().filter(|(known, _)| *known != name);
        Self { headers: others.chain([(name, value.to_owned())]).collect(), ..self }
    }

    /// What is unexpected about the answer.
    async fn surprise(&self, client: &Client) -> Option<String> {
        let headers: Vec<_> = self.headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let answer = client.raw(self.method.clone(), &self.path, &headers, self.body.clone()).await;
        let problem = answer.expect_problem(answer.json()["code"].as_str().unwrap_or("none"));
        let seen = (answer.status, problem["code"].as_str().unwrap(), pointers(&problem));
        let wanted = (self.verdict.0, self.verdict.1, self.pointers.clone());
        let body = String::from_utf8_lossy(&self.body).chars().take(120).collect::<String>();
        let request = format!("{} {} {:?} {body}", self.method, self.path, self.headers);
        if answer.status == 405 && answer.header("allow").is_empty() {
            return Some(format!("{request}: no Allow"));
        }
        (seen != wanted).then(|| format!("{request}: {seen:?} instead of {wanted:?}"))
    }
}

fn bodies() -> Vec<Case> {
    let post = |body: &[u8], verdict| sent(Method::POST, "/v1/opportunities", body, verdict);
    let not_an_object = |body: &str| Case { pointers: vec![""], ..post(body.as_bytes(), FAULTY) };
    let fine = br#"{"employer":"Beta","role":"Analyst"}"#;
    let deep = format!("{{\"notes\":{}{}}}", "[".repeat(200), "]".repeat(200));
    let large = format!("{{\"notes\":\"{}\"}}", "x".repeat(1024 * 1024));
    let untyped = Case { headers: vec![], ..post(fine, (415, "unsupported_media_type")) };
    vec![
        post(b"{\"employer\":", MALFORMED),
        post(b"{\"employer\":\"Beta\",}", MALFORMED),
        post(b"{\"employer\":\"Beta\"} {}", MALFORMED),
        post(b"{\"employer\":\"\xff\xfe\"}", MALFORMED),
        post(b"{\"round\":1e999}", MALFORMED),
        post(b"{\"employer\":\"\\ud800\"}", MALFORMED),
        post(deep.as_bytes(), MALFORMED),
        Case { pointers: vec!["/employer", "/role"], ..post(b"", FAULTY) },
        not_an_object("[]"),
        not_an_object("\"Beta\""),
        not_an_object("7"),
        not_an_object("null"),
        post(fine, (415, "unsupported_media_type")).headed("content-type", "text/plain"),
        untyped,
        post(large.as_bytes(), (413, "body_too_large")),
        post(fine, (400, "bad_request")).headed("content-encoding", "gzip"),
    ]
}

fn opportunities() -> Vec<Case> {
    let base = json!({"employer": "Beta", "role": "Analyst"});
    let post = |extra: Value, pointers: &[&'static str]| {
        faulty(Method::POST, "/v1/opportunities", &with(base.clone(), &extra), pointers)
    };
    let office = |office: Value, pointer| post(json!({ "office": office }), &[pointer]);
    let week = json!(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]);
    vec![
        post(json!({"salary": 1}), &["/salary"]),
        post(json!({"sal/ary~": 1}), &["/sal~1ary~0"]),
        post(json!({"via_agency": "yes"}), &["/via_agency"]),
        post(json!({"employer": 5, "role": []}), &["/employer", "/role"]),
        post(json!({"employer": "x".repeat(201)}), &["/employer"]),
        post(json!({"notes": "x".repeat(64 * 1024 + 1)}), &["/notes"]),
        post(json!({"employer": " \t "}), &["/employer"]),
        post(json!({"employer": "A\u{0}B"}), &["/employer"]),
        post(json!({"tags": ["a", 1]}), &["/tags/1"]),
        post(json!({"interest": "burning"}), &["/interest"]),
        post(json!({"agency_contact_id": "nobody"}), &["/agency_contact_id"]),
        office(json!("Berlin"), "/office"),
        office(json!({"zone": "UTC"}), "/office/zone"),
        office(json!({"time_zone": "Mars/Olympus"}), "/office/time_zone"),
        office(json!({"calendar": "XX-NONE"}), "/office/calendar"),
        office(json!({"work_week": []}), "/office/work_week"),
        office(json!({ "work_week": week }), "/office/work_week"),
        office(json!({"send_open": "18:00", "send_close": "09:00"}), "/office/send_open"),
        office(json!({"send_open": "24:00"}), "/office/send_open"),
        office(json!({"closures": ["2026-02-30"]}), "/office/closures/0"),
    ]
}

fn interviews() -> Vec<Case> {
    let base = json!({
        "opportunity_id": "acme", "starts_at": "2026-05-20T14:00:00Z", "ends_at": "2026-05-20T15:00:00Z",
    });
    let post = |extra: Value, pointer| {
        faulty(Method::POST, "/v1/interviews", &with(base.clone(), &extra), &[pointer])
    };
    let twice = json!([{"contact_id": "anna"}, {"contact_id": "anna"}]);
    let inline = json!({"employer": "Beta", "role": "Analyst"});
    let times = json!({"starts_at": "2026-05-20T14:00:00Z", "ends_at": "2026-05-20T15:00:00Z"});
    let bare = |opportunity: Value, pointer| {
        let body = with(times.clone(), &json!({ "opportunity": opportunity }));
        faulty(Method::POST, "/v1/interviews", &body, &[pointer])
    };
    let earlier = json!({"ends_at": "2026-05-06T17:00:00Z"});
    vec![
        post(json!({"ends_at": "2026-05-20T13:00:00Z"}), "/ends_at"),
        post(json!({"status": "held"}), "/status"),
        post(json!({"attendees": twice}), "/attendees/1"),
        post(json!({"attendees": [{"contact_id": "nobody"}]}), "/attendees/0/contact_id"),
        post(json!({"attendees": [{"who": "x", "contact_id": "anna"}]}), "/attendees/0/who"),
        post(json!({"starts_at": "2026-05-20T14:00:00"}), "/starts_at"),
        post(json!({"starts_at": "9999-05-20T14:00:00Z"}), "/starts_at"),
        post(json!({"opportunity_id": "nowhere"}), "/opportunity_id"),
        post(json!({"opportunity_id": "no where"}), "/opportunity_id"),
        post(json!({"opportunity": inline}), "/opportunity"),
        post(json!({"impression": 6}), "/impression"),
        post(json!({"impression": 4.5}), "/impression"),
        post(json!({"talking_points": [{"text": ""}]}), "/talking_points/0/text"),
        bare(json!({"employer": "Beta"}), "/opportunity/role"),
        bare(json!("Beta"), "/opportunity"),
        faulty(Method::PATCH, "/v1/interviews/i1", &earlier, &["/ends_at"]),
    ]
}

fn others() -> Vec<Case> {
    let post = |path: &str, extra: Value, pointers: &[&'static str]| {
        let path = format!("/v1/{path}");
        faulty(Method::POST, &path, &with(json!({"opportunity_id": "acme"}), &extra), pointers)
    };
    let bare = |path: &str, body: Value, pointers: &[&'static str]| {
        faulty(Method::POST, path, &body, pointers)
    };
    let duty = |extra: Value, pointer| {
        post("commitments", with(json!({"kind": "references"}), &extra), &[pointer])
    };
    let both = json!({"text": "soon", "opportunity_id": "acme", "office": {}});
    let account = json!({"email": "nobody", "password": "correct horse battery"});
    let weak = json!({"email": "x@example.org", "password": "short"});
    let received =
        json!({"received_at": "2026-05-06T19:00:00Z", "deadline": "2026-05-06T18:00:00Z"});
    vec![
        post("expectations", json!({"text": "soon", "by": "2026-05-08"}), &["/by"]),
        post("expectations", json!({"kind": "confirmed"}), &["/by"]),
        duty(json!({"due": "2026-02-30"}), "/due"),
        duty(json!({"due": "08.05.2026"}), "/due"),
        duty(json!({"due_time": "12:00"}), "/due_time"),
        duty(json!({"status": "fulfilled"}), "/fulfilled_at"),
        duty(json!({"fulfilled_at": "2026-05-06T19:00:00Z"}), "/fulfilled_at"),
        duty(json!({"artifact": {"name": "a.pdf", "url": "ftp://a"}}), "/artifact/url"),
        duty(json!({"artifact": {"name": "a.pdf", "sha256": "ABC"}}), "/artifact/sha256"),
        post("offers", received, &["/deadline"]),
        post("follow-ups", json!({}), &["/title", "/due_at"]),
        bare("/v1/promises/parse", json!({"text": " "}), &["/text"]),
        bare("/v1/promises/parse", both, &["/office"]),
        bare("/v1/auth/register", account, &["/email"]),
        bare("/v1/auth/register", weak, &["/password"]),
        bare("/v1/interviews/i1/debrief", json!({"commitments": [{}]}), &["/commitments/0/kind"]),
        faulty(Method::PATCH, "/v1/preferences", &json!({"quiet_to": "23:00"}), &["/quiet_to"]),
        faulty(Method::PUT, "/v1/preferences", &json!({"mute": ["nagging"]}), &["/mute/0"]),
    ]
}

fn identifiers() -> Vec<Case> {
    let body = |id: Value| json!({"id": id, "employer": "Beta", "role": "Analyst"});
    let post = |id: Value| faulty(Method::POST, "/v1/opportunities", &body(id), &["/id"]);
    let put = |id: &str, given: &str| {
        faulty(Method::PUT, &format!("/v1/opportunities/{id}"), &body(json!(given)), &["/id"])
    };
    let renamed = json!({"id": "other"});
    vec![
        post(json!("a/b")),
        post(json!("a b")),
        post(json!("")),
        post(json!("x".repeat(65))),
        post(json!(5)),
        put("a%20b", "a b"),
        put("a%2Fb", "a/b"),
        put("%C3%A9", "é"),
        put("one", "other"),
        faulty(Method::PATCH, "/v1/opportunities/acme", &renamed, &["/id"]),
    ]
}

fn parameters() -> Vec<Case> {
    let patch = |path: &str| sent(Method::PATCH, path, r#"{"notes":"x"}"#, PARAMETER);
    let put = |name, value: &str| {
        let body = r#"{"employer":"Beta","role":"Analyst"}"#;
        sent(Method::PUT, "/v1/opportunities/acme", body, PARAMETER).headed(name, value)
    };
    let post = |key: &str| {
        let body = r#"{"employer":"Beta","role":"Analyst"}"#;
        let post = sent(Method::POST, "/v1/opportunities", body, PARAMETER);
        post.headed("idempotency-key", key)
    };
    let contacts = |query: &str| got(&format!("/v1/contacts?{query}"), PARAMETER);
    vec![
        contacts("limit=0"),
        contacts("limit=-1"),
        contacts("limit=abc"),
        contacts("limit=1&limit=2"),
        contacts("employer=Acme"),
        contacts("updated_since=yesterday"),
        contacts("opportunity_id=a%20b"),
        got("/v1/interviews?status=over", PARAMETER),
        got("/v1/opportunities/acme?fields=id", PARAMETER),
        got("/v1/opportunities/acme/plan?now=tomorrow", PARAMETER),
        got("/v1/opportunities/acme/plan?now=9999-01-01T00:00:00Z", PARAMETER),
        got("/v1/agenda?now=2026-05-06", PARAMETER),
        got("/v1/follow-ups?verdict=maybe", PARAMETER),
        got("/v1/contacts?cursor=%21%21", CURSOR),
        got("/v1/follow-ups?cursor=bm90OnRoaXM", CURSOR),
        patch("/v1/opportunities/acme?clear=salary"),
        patch("/v1/opportunities/acme?clear=notes"),
        put("if-match", "abc"),
        put("if-none-match", "\"1\""),
        post(""),
        post(&"k".repeat(256)),
        got("/v1/nothing", (404, "no_such_route")),
        got("/v1/opportunities/acme/plan/more", (404, "no_such_route")),
        sent(Method::POST, "/v1/agenda", "{}", (405, "method_not_allowed")),
        sent(Method::DELETE, "/v1/opportunities", "", (405, "method_not_allowed")),
    ]
}

/// Everything that a client can see, and how many rows there are behind it.
async fn state(app: &TestApp, client: &Client) -> (Vec<(String, String)>, [u32; 4]) {
    let paths = [
        "opportunities",
        "contacts",
        "interviews",
        "expectations",
        "commitments",
        "replies",
        "offers",
        "supplements",
        "follow-ups",
        "preferences",
        "agenda",
    ];
    let mut seen = Vec::new();
    for path in paths {
        let answer = client.get(&format!("/v1/{path}")).await;
        seen.push((answer.header("etag").to_owned(), answer.text));
    }
    let tables = ["records", "record_revs", "accounts", "idempotency_keys"];
    let mut connection = database(app);
    (seen, tables.map(|table| connection.count(table)))
}

#[actix_web::test]
async fn malformed_requests_are_refused_by_name_and_leave_no_trace() {
    let app = TestApp::start().await;
    let client = app.user("candidate").await;
    story::record(&client).await;
    story::record(&app.user("other").await).await;
    let before = state(&app, &client).await;
    let cases = [bodies(), opportunities(), interviews(), others(), identifiers(), parameters()];
    let cases = cases.concat();
    assert!(cases.len() >= 100, "{} cases", cases.len());
    let mut surprises = Vec::new();
    for case in &cases {
        surprises.extend(case.surprise(&client).await);
    }
    assert!(surprises.is_empty(), "{} surprises:\n{}", surprises.len(), surprises.join("\n"));
    assert_eq!(state(&app, &client).await, before);
}
