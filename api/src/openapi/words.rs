//! Parameters of one word out of a closed set, and parameters of one form. Types of parameters are written out
//! beside the handlers, where a set of words cannot be named; so it is named here, by the table that the handler
//! reads it by.
//!
//! **Must never** name a set that the handler does not check.

use super::operations_of;
use afterview_domain::entities::conflict::ConflictState;
use afterview_domain::entities::follow_up::FollowUpKind;
use afterview_domain::plan::{Verdict, rules};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};

/// Operation, parameter, and its words.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("listFollowUps", "state", &["open", "sent", "skipped"]),
    ("listFollowUps", "verdict", Verdict::WORDS),
    ("listFollowUps", "kind", FollowUpKind::WORDS),
    ("listConflicts", "state", ConflictState::WORDS),
    ("draftFollowUp", "format", &["json", "text", "eml"]),
    ("getSyncSnapshot", "scope", &["recent"]),
    ("getActivityReport", "format", &["json", "csv"]),
    ("pushRxdb", "conflict", &["strict"]),
    ("pushRxdbVersion", "conflict", &["strict"]),
];

const IDENTIFIER: &str = "^[A-Za-z0-9_.-]{1,64}$";

/// Parameter, and what it looks like: one entity tag of a record or several; plain characters; a language; an
/// identifier.
const FORMS: &[(&str, &str)] = &[
    ("If-Match", r#"^([*]|"[0-9]{1,18}"(, ?"[0-9]{1,18}")*)$"#),
    ("Idempotency-Key", "^[!-~]([ -~]{0,253}[!-~])?$"),
    ("locale", "^[A-Za-z0-9-]{2,35}$"),
    ("opportunity_id", IDENTIFIER),
    ("interview_id", IDENTIFIER),
    ("follow_up_id", IDENTIFIER),
];

/// Says of each such parameter what it may be.
pub(super) fn name(document: &mut OpenApi) {
    let families: Vec<&str> = rules::FAMILIES.iter().map(|family| family.name).collect();
    let words = WORDS.iter().copied().chain([("listRules", "family", families.as_slice())]);
    let words = Vec::from_iter(words);
    for operation in operations_of(document) {
        let id = operation.operation_id.clone().unwrap_or_default();
        for parameter in operation.parameters.iter_mut().flatten() {
            let RefOr::T(parameter) = parameter else { continue };
            let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else { continue };
            let name = parameter.name.as_str();
            if let Some((_, pattern)) = FORMS.iter().find(|(parameter, _)| *parameter == name) {
                schema.pattern = Some((*pattern).to_owned());
            }
            let of_this =
                |(of, parameter, _): &&(&str, &str, &[&str])| *of == id && *parameter == name;
            if let Some((_, _, words)) = words.iter().find(of_this) {
                schema.enum_values = Some(words.iter().map(|word| (*word).into()).collect());
            }
        }
    }
}
