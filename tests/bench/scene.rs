//! The accounts and records that the workloads use, made over HTTP as a client makes them.

use crate::load::Connection;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// One account with an opportunity `acme` and a meeting that lies far ahead.
pub(crate) struct Account {
    token: String,
}

impl Account {
    /// Registers it and nothing else.
    pub(crate) fn sign_up(address: SocketAddr, name: &str) -> Self {
        let mut nobody = Self { token: String::new() };
        let account = json!({
            "email": format!("{name}@example.org"), "password": "correct horse battery",
            "time_zone": "America/New_York", "device": {"name": "phone"},
        });
        let tokens = nobody.post(address, "/v1/auth/register", &account);
        nobody.token = tokens["access_token"].as_str().unwrap().to_owned();
        nobody
    }

    /// Registers it and records its facts, among them so many opportunities besides `acme`.
    pub(crate) fn register(address: SocketAddr, name: &str, opportunities: u32) -> Self {
        let account = Self::sign_up(address, name);
        let office = json!({"time_zone": "America/New_York", "calendar": "US-FED"});
        let mut acme = json!({
            "id": "acme", "employer": "Acme", "role": "Data engineer", "office": office,
            "source": "referral", "region": "US-NY", "tags": ["data", "rust"],
            "notes": "Met the team at a meetup in March. They moved to a new platform last year.",
        });
        account.post(address, "/v1/opportunities", &acme);
        let interview = json!({
            "id": "i1", "opportunity_id": "acme",
            "starts_at": "2036-05-07T18:00:00Z", "ends_at": "2036-05-07T19:00:00Z",
        });
        account.post(address, "/v1/interviews", &interview);
        for number in 0..opportunities {
            acme["id"] = json!(format!("o{number}"));
            account.post(address, "/v1/opportunities", &acme);
        }
        account
    }

    /// An account that is there already, with an access token.
    pub(crate) fn with_token(token: String) -> Self {
        Self { token }
    }

    /// Posts what must be created, and gives the answer.
    pub(crate) fn post(&self, address: SocketAddr, path: &str, body: &Value) -> Value {
        let mut request = Vec::new();
        self.write(&mut request, &format!("POST {path}"), "", body.to_string().as_bytes());
        let mut connection = Connection::open(address);
        let answer = connection.exchange(&request);
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(answer.body));
        serde_json::from_slice(answer.body).unwrap()
    }

    /// Writes a request of this account; `headers` are whole lines.
    pub(crate) fn write(&self, into: &mut Vec<u8>, what: &str, headers: &str, body: &[u8]) {
        let Self { token } = self;
        let length = body.len();
        into.extend_from_slice(what.as_bytes());
        into.extend_from_slice(b" HTTP/1.1\r\nhost: bench\r\nuser-agent: bench\r\naccept: */*\r\n");
        into.extend_from_slice(format!("authorization: Bearer {token}\r\n{headers}").as_bytes());
        if length > 0 {
            let kind = "content-type: application/json";
            into.extend_from_slice(format!("{kind}\r\ncontent-length: {length}\r\n").as_bytes());
        }
        into.extend_from_slice(b"\r\n");
        into.extend_from_slice(body);
    }

    /// Writes a request without a body and gives it back.
    pub(crate) fn get(&self, path: &str, headers: &str) -> Vec<u8> {
        let mut request = Vec::new();
        self.write(&mut request, &format!("GET {path}"), headers, b"");
        request
    }
}

/// Among so many opportunities of an account the create workload goes around: a write plans anew the
/// opportunity that it touches, and nobody has all contacts in one.
pub(crate) const OPPORTUNITIES: u32 = 50;

/// The contact that the create workload sends, under `id`, for an opportunity of that number.
pub(crate) fn contact(id: &str, opportunity: u32) -> String {
    // By hand: the generator shares the machine with the server.
    format!(
        r#"{{"id":"{id}","opportunity_id":"o{opportunity}","name":"Anna Novak","role":"hiring_manager","preferred":"email","channels":[{{"kind":"email","value":"anna.novak@example.com","invited":true}},{{"kind":"phone","value":"+1 212 555 0100"}}],"notes":"Leads the platform team; asked about backfills and on-call."}}"#
    )
}
