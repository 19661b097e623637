//! The file that names the providers of identities: for each its issuer and the apps it signs tokens for.
//!
//! **Must never** let a provider be asked over a network in the clear: whoever stands in between could
//! hand out keys of its own.

use crate::notifications::fcm::endpoint::endpoint;
use crate::store::OpenError;
use std::path::Path;
use toml::{Table, Value};

/// Names that the audit trail has for other ways in.
const TAKEN: [&str; 2] = ["guest", "password"];

/// The longest name of a provider.
const MAX_NAME: usize = 40;

/// A provider as the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSettings {
    /// The name in addresses, such as `google`: 1 to 40 of `a-z`, `0-9` and `-`.
    pub name: String,
    /// What its tokens and its own description must call it, to the letter.
    pub issuer: String,
    /// The apps whose tokens are taken; at least one.
    pub audiences: Vec<String>,
}

/// Reads the file.
///
/// # Errors
/// One sentence for each fault, all of them together.
pub fn read(path: &Path) -> Result<Vec<ProviderSettings>, OpenError> {
    let failed = |why: String| {
        OpenError(format!("cannot use the providers of identities in {}: {why}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    parse(&text).map_err(|faults| failed(faults.join("; ")))
}

fn parse(text: &str) -> Result<Vec<ProviderSettings>, Vec<String>> {
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        vec![format!("line {line}: {}", error.message().replace('\n', ", "))]
    })?;
    let mut faults = Vec::new();
    let providers = table.into_iter().map(|(name, value)| provider(name, value, &mut faults));
    let providers = providers.collect();
    if faults.is_empty() { Ok(providers) } else { Err(faults) }
}

/// What the file says of one provider; what is wrong goes to `faults`.
fn provider(name: String, value: Value, faults: &mut Vec<String>) -> ProviderSettings {
    let mut fault = |why: &str| faults.push(format!("{name}: {why}"));
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(allowed) {
        fault("a provider's name has 1 to 40 of the characters a-z, 0-9 and -");
    } else if TAKEN.contains(&name.as_str()) {
        fault("this name stands for another way to sign in");
    }
    let Value::Table(mut fields) = value else {
        fault("must be a section with issuer and audiences");
        return ProviderSettings { name, issuer: String::new(), audiences: Vec::new() };
    };
    let issuer = text(fields.remove("issuer")).unwrap_or_default();
    if let Err(why) = endpoint(&issuer) {
        fault(&format!("issuer {why}"));
    }
    let audiences = texts(fields.remove("audiences")).unwrap_or_default();
    if audiences.is_empty() {
        fault("audiences must be a list of the apps' identifiers, at least one");
    }
    for unknown in fields.keys() {
        fault(&format!("{unknown} is not a setting of a provider"));
    }
    ProviderSettings { name, issuer, audiences }
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A list of texts; nothing if anything else is in it.
fn texts(value: Option<Value>) -> Option<Vec<String>> {
    match value {
        Some(Value::Array(items)) => items.into_iter().map(|item| text(Some(item))).collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_has_a_name_an_issuer_and_its_apps() {
        let text = "[google]\nissuer = \"https://accounts.google.com\"\naudiences = [\"a\", \"b\"]\n\
                    [self-hosted2]\nissuer = \"http://127.0.0.1:9000/realm\"\naudiences = [\"c\"]\n";
        let expected = |name: &str, issuer: &str, audiences: &[&str]| ProviderSettings {
            name: name.to_owned(),
            issuer: issuer.to_owned(),
            audiences: audiences.iter().map(|&one| one.to_owned()).collect(),
        };
        let google = expected("google", "https://accounts.google.com", &["a", "b"]);
        let own = expected("self-hosted2", "http://127.0.0.1:9000/realm", &["c"]);
        assert_eq!(parse(text), Ok(vec![google, own]));
        assert_eq!(parse(""), Ok(Vec::new()));
    }

    #[test]
    fn all_faults_are_said_at_once() {
        let long = "x".repeat(41);
        let text = format!(
            "stray = 1\n\
             [Google]\nissuer = \"https://accounts.google.com\"\naudiences = [\"a\"]\n\
             [clear]\nissuer = \"http://accounts.example.org\"\naudiences = [\"a\"]\n\
             [empty]\nissuer = \"https://accounts.example.org\"\naudiences = []\n\
             [mixed]\nissuer = \"https://accounts.example.org\"\naudiences = [\"a\", 1, \"\"]\n\
             [secretive]\nissuer = \"https://user:hunter2@example.org\"\naudiences = [\"a\"]\n\
             client_secret = \"hunter2\"\n\
             [password]\nissuer = \"https://accounts.example.org\"\naudiences = [\"a\"]\n\
             [{long}]\naudiences = \"a\"\n"
        );
        let faults = parse(&text).expect_err("faults");
        assert_eq!(
            faults,
            [
                "Google: a provider's name has 1 to 40 of the characters a-z, 0-9 and -",
                "clear: issuer must be an https address, or an http address of this machine itself",
                "empty: audiences must be a list of the apps' identifiers, at least one",
                "mixed: audiences must be a list of the apps' identifiers, at least one",
                "password: this name stands for another way to sign in",
                "secretive: issuer must not hold a user name or a password",
                "secretive: client_secret is not a setting of a provider",
                "stray: must be a section with issuer and audiences",
                &format!("{long}: a provider's name has 1 to 40 of the characters a-z, 0-9 and -"),
                &format!(
                    "{long}: issuer must be an https address, or an http address of this machine itself"
                ),
                &format!("{long}: audiences must be a list of the apps' identifiers, at least one"),
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_refused_with_its_line() {
        let faults = parse("[google]\nissuer = https://accounts.google.com\n").expect_err("fault");
        assert_eq!(faults.len(), 1);
        assert!(faults.iter().all(|fault| fault.starts_with("line 2: ")), "{faults:?}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = read(Path::new("no/such/file.toml")).expect_err("no file");
        let begin = "cannot use the providers of identities in no/such/file.toml: ";
        assert!(error.to_string().starts_with(begin), "{error}");
    }
}
