//! Programs of others that some tests need.

/// The program that the variable `name` names. Without one the test cannot run: it says so, and in CI
/// it fails.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "says how to run the test, configures no server")]
pub fn tool(name: &str) -> Option<String> {
    let tool = std::env::var(name).ok();
    assert!(tool.is_some() || std::env::var("CI").is_err(), "{name} must be set in CI");
    if tool.is_none() {
        eprintln!("NOT RUN: {name} names no program; see CONTRIBUTING.md");
    }
    tool
}
