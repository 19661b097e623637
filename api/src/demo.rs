//! The story of the source article, told through the HTTP interface of a real server.
//!
//! An interview on a Wednesday; in the elevator the candidate notes the words "by the end of the
//! week"; the thank-you goes out the next morning; on the Tuesday after, the answer to "to follow
//! up, or not to follow up?" is yes, at ten.

use crate::app::Application;
use crate::config::Config;
use crate::system::{SystemClock, SystemRandom};
use actix_web::dev::ServerHandle;
use afterview_domain::hex::hex;
use afterview_domain::ids::IdSource;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the story could not be told to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The temporary server did not start.
    #[error("the temporary server did not start: {0}")]
    Start(String),
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Http(#[from] reqwest::Error),
    /// The server answered something else than expected.
    #[error("{0} answered {1}: {2}")]
    Answer(String, u16, String),
    /// The terminal failed.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Tells the story on `out`, with the server at `url` or a temporary one.
///
/// # Errors
/// What kept the story from its end.
pub async fn play(url: Option<&str>, out: &mut impl Write) -> Result<(), DemoError> {
    if let Some(url) = url {
        return tell(Client::new(url), out).await;
    }
    let temporary = Temporary::start().await?;
    let told = tell(Client::new(&temporary.url), out).await;
    temporary.stop().await;
    told
}

async fn tell(mut client: Client, out: &mut impl Write) -> Result<(), DemoError> {
    client.sign_up().await?;
    writeln!(
        out,
        "Wednesday 6 May 2026, New York. Interview at Acme, 14:00 to 15:00, with Anna Novak."
    )?;
    let office = json!({"name": "New York", "time_zone": "America/New_York", "calendar": "US-FED"});
    let employer = json!({"employer": "Acme", "role": "Data engineer", "office": office});
    let opportunity = client.post("/v1/opportunities", &employer).await?;
    let opportunity_id = text(&opportunity, "id");
    let anna =
        json!({"opportunity_id": opportunity_id, "name": "Anna Novak", "role": "hiring_manager"});
    let anna = client.post("/v1/contacts", &anna).await?;
    let interview = client
        .post(
            "/v1/interviews",
            &json!({
                "opportunity_id": opportunity_id,
                "starts_at": "2026-05-06T18:00:00Z", "ends_at": "2026-05-06T19:00:00Z",
                "attendees": [{"contact_id": text(&anna, "id")}],
            }),
        )
        .await?;

    writeln!(out, "\n15:05, in the elevator: \"They'll get back to me by the end of the week.\"")?;
    let debrief = json!({
        "next_step_owner": "them", "impression": 4,
        "promise": {"text": "by the end of the week", "promised_by": text(&anna, "id")},
    });
    client.post(&format!("/v1/interviews/{}/debrief", text(&interview, "id")), &debrief).await?;
    let plan_path = |now: &str| format!("/v1/opportunities/{opportunity_id}/plan?now={now}");
    let plan = client.get(&plan_path("2026-05-06T19:05:00Z")).await?;
    print_plan(&plan, out)?;

    writeln!(out, "\nThursday 7 May, 09:00: the thank-you goes out.")?;
    let thanks = items(&plan, "items").find(|item| text(item, "kind") == "thank_you");
    let thanks = thanks.map(|item| text(item, "id")).unwrap_or_default();
    client
        .post(&format!("/v1/follow-ups/{thanks}/sent"), &json!({"sent_at": "2026-05-07T13:00:00Z"}))
        .await?;

    writeln!(
        out,
        "\nFriday 8 May passes without a word. Monday 11 May, 09:00: nervous. Write now?"
    )?;
    print_plan(&client.get(&plan_path("2026-05-11T13:00:00Z")).await?, out)?;

    writeln!(out, "\nTuesday 12 May, 10:00. To follow up, or not to follow up?")?;
    print_plan(&client.get(&plan_path("2026-05-12T14:00:00Z")).await?, out)
}

fn print_plan(plan: &Value, out: &mut impl Write) -> Result<(), DemoError> {
    let headline = plan.pointer("/headline/text").and_then(Value::as_str);
    writeln!(out, "  {}", headline.unwrap_or_default())?;
    for item in items(plan, "items") {
        writeln!(out, "  * {}", text(item, "summary"))?;
        for reason in items(item, "reasons") {
            writeln!(out, "      {}: {}", text(reason, "rule"), text(reason, "text"))?;
        }
    }
    Ok(())
}

fn text(value: &Value, field: &str) -> String {
    value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn items<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v Value> {
    value.get(field).and_then(Value::as_array).into_iter().flatten()
}

struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    fn new(url: &str) -> Self {
        Self {
            http: reqwest::Client::new(),
            url: url.trim_end_matches('/').to_owned(),
            token: String::new(),
        }
    }

    /// A fresh account under an address that nobody else has.
    async fn sign_up(&mut self) -> Result<(), DemoError> {
        let mut random = [0_u8; 16];
        SystemRandom.fill(&mut random);
        let name = hex(random);
        let account = json!({
            "email": format!("demo-{name}@example.org"), "password": name,
            "time_zone": "America/New_York", "device": {"name": "demo"},
        });
        self.token = text(&self.post("/v1/auth/register", &account).await?, "access_token");
        Ok(())
    }

    async fn get(&self, path: &str) -> Result<Value, DemoError> {
        self.answer(path, self.http.get(format!("{}{path}", self.url))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, DemoError> {
        self.answer(path, self.http.post(format!("{}{path}", self.url)).json(body)).await
    }

    async fn answer(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<Value, DemoError> {
        let response = request.bearer_auth(&self.token).send().await?;
        let status = response.status();
        let body = response.text().await?;
        match serde_json::from_str(&body) {
            Ok(value) if status.is_success() => Ok(value),
            _ => Err(DemoError::Answer(path.to_owned(), status.as_u16(), body)),
        }
    }
}

/// A server on a free port with a database of its own, which goes with it.
struct Temporary {
    url: String,
    server: ServerHandle,
    folder: PathBuf,
}

impl Temporary {
    async fn start() -> Result<Self, DemoError> {
        let mut random = [0_u8; 8];
        SystemRandom.fill(&mut random);
        let folder = std::env::temp_dir()
            .join(format!("afterview-demo-{:016x}", u64::from_be_bytes(random)));
        let path = |name: &str| folder.join(name).display().to_string();
        let variables = BTreeMap::from([
            ("AFTERVIEW_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
            ("AFTERVIEW_DATABASE_URL".to_owned(), format!("sqlite://{}", path("demo.db"))),
            ("AFTERVIEW_SECRETS_DIR".to_owned(), path("secrets")),
        ]);
        let failed = |error: &dyn std::fmt::Display| DemoError::Start(error.to_string());
        let config = Config::from_variables(&variables).map_err(|error| failed(&error))?;
        let app = Application::build(&config, Arc::new(SystemClock), Arc::new(SystemRandom))
            .await
            .map_err(|error| failed(&error))?;
        app.begin_work();
        let url = format!("http://{}", app.address());
        let running = app.into_server();
        let server = running.handle();
        actix_web::rt::spawn(running);
        Ok(Self { url, server, folder })
    }

    async fn stop(self) {
        self.server.stop(false).await;
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("afterview: {} is left over: {error}", self.folder.display());
        }
    }
}
