//! Our figures before what others wrote: the strict parser of Prometheus' own library, in Python, and
//! Prometheus' own tool, which also plays the checked-in alerts.

use crate::metrics::{Scrape, app, live};
use afterview_tests::tool;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// Where dashboard and alerts are.
const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docker");

/// Runs a program that reads `input`.
async fn run(mut command: Command, input: String) -> Output {
    let running = move || {
        let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut program = pipes.spawn().unwrap();
        program.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        program.wait_with_output().unwrap()
    };
    let output = actix_web::rt::task::spawn_blocking(running).await.unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The text of every server after the story, a reminder sent included.
async fn texts() -> Vec<Scrape> {
    let app = app().await;
    let (_phone, _receiver) = live(&app).await;
    app.let_time_pass_until("2026-05-07T13:05:00Z").await;
    let mut texts = Vec::new();
    for admin in app.admin_urls() {
        texts.push(Scrape::of(admin).await);
    }
    texts
}

#[actix_web::test]
async fn a_strict_parser_takes_our_text() {
    let Some(python) = tool("AFTERVIEW_PYTHON") else { return };
    for scrape in texts().await {
        let mut command = Command::new(&python);
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/metrics_peer.py"));
        let told = run(command, scrape.text.clone()).await.stdout;
        let told: BTreeMap<String, Value> = serde_json::from_slice(&told).unwrap();
        assert!(told.len() > 30, "{told:?}");
        for (name, family) in &told {
            let is_ours = ["afterview_", "process_"].iter().any(|prefix| name.starts_with(prefix));
            assert!(is_ours, "{name}");
            assert!(family["help"].as_str().unwrap().len() > 5, "{name} has no help");
        }
        let requests = &told["afterview_http_request_duration_seconds"];
        assert_eq!(
            (&requests["type"], &requests["unit"]),
            (&"histogram".into(), &"seconds".into())
        );
        assert_eq!(told["afterview_sync_mutations"]["type"], "counter");
    }
}

#[actix_web::test]
async fn prometheus_own_tool_takes_our_alerts() {
    let Some(promtool) = tool("AFTERVIEW_PROMTOOL") else { return };
    for arguments in [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]] {
        let mut command = Command::new(&promtool);
        command.args(arguments).current_dir(format!("{CHECKED_IN}/prometheus"));
        run(command, String::new()).await;
    }
}

/// The names of samples in a text, such as an expression.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    let is_ours = |word: &&str| word.starts_with("afterview_") || word.starts_with("process_");
    words.filter(is_ours).collect()
}

#[actix_web::test]
async fn every_figure_in_dashboard_and_alerts_exists() {
    let read = |file: &str| std::fs::read_to_string(format!("{CHECKED_IN}/{file}")).unwrap();
    let dashboard = read("grafana/afterview.json");
    let alerts = read("prometheus/alerts.yaml");
    let _: Value = serde_json::from_str(&dashboard).unwrap();
    let wanted: BTreeSet<&str> = named(&dashboard).union(&named(&alerts)).copied().collect();
    assert!(wanted.len() > 20, "{wanted:?}");
    let texts = texts().await;
    let mut known: BTreeSet<&str> = texts.iter().flat_map(Scrape::names).collect();
    // A sentence names a histogram without what its samples have at the end.
    known.extend(known.clone().iter().filter_map(|name| name.strip_suffix("_bucket")));
    let missing: Vec<&&str> = wanted.difference(&known).collect();
    assert_eq!(missing, [&""; 0], "of {known:#?}");
}
