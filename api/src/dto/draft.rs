//! Drafts: what is asked for and what is served.

use super::body;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::text::{Finding, Severity, Slot};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

/// What to try out in a draft.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct DraftBody {
    /// Values for blanks; they win over the stored ones.
    #[serde(default)]
    pub slots: BTreeMap<String, String>,
    /// A subject line of one's own.
    pub subject: Option<String>,
    /// A text of one's own.
    pub body: Option<String>,
}

static DRAFT_REQUEST: Shape = Shape {
    name: "DraftRequest",
    about: "What to try out in a draft. Nothing of it is stored.",
    fields: &[
        field(
            "slots",
            Kind::TextMap { max_entries: 50, max_chars: 2_000 },
            "Values for blanks; they win over the stored ones. An empty one leaves the blank out.",
        ),
        field(
            "subject",
            Kind::Text { min: 0, max: 300 },
            "A subject line in place of the stored or the made one; its blanks are filled in.",
        ),
        field(
            "body",
            Kind::Text { min: 0, max: 20_000 },
            "A text in place of the stored or the made one; its blanks are filled in.",
        ),
    ],
};
body!(DraftBody, DRAFT_REQUEST);

/// A text that could go out, with what is still open in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub struct DraftView {
    /// The follow-up that it is for.
    pub follow_up_id: String,
    /// The language of the text, of the hints and of the findings.
    #[schema(examples("en"))]
    pub locale: String,
    /// By which way it is to go out, such as email. Clients must accept other words too.
    #[schema(examples("email"))]
    pub channel: String,
    /// To whom: self, employer, recruiter, scheduler or the id of a contact.
    pub to: String,
    /// The recipient's name, when known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_name: Option<String>,
    /// Where an e-mail goes, when known; that of whoever passes it on, if somebody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_address: Option<String>,
    /// Subject line.
    pub subject: String,
    /// The text; lines end in a line feed.
    pub body: String,
    /// The blanks of subject and text, in their order.
    pub slots: Vec<SlotView>,
    /// The names of required blanks without a value; they are visible in the text, as `{name}`.
    pub unfilled: Vec<String>,
    /// What to look at again before it goes out.
    pub findings: Vec<FindingView>,
    /// A link that opens it in the mail program (RFC 6068); absent when it is not an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("mailto:anna@acme.example?subject=Thank%20you&body=Dear%20Anna"))]
    pub mailto: Option<String>,
}

/// A blank of a draft.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DraftSlot)]
pub struct SlotView {
    /// Its name, without the braces.
    #[schema(examples("moment"))]
    pub name: String,
    /// What stands there; absent if nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether the text is incomplete without it.
    pub required: bool,
    /// What to write there.
    pub hint: String,
}

impl From<Slot> for SlotView {
    fn from(slot: Slot) -> Self {
        Self {
            name: slot.name.to_owned(),
            value: slot.value,
            required: slot.required,
            hint: slot.hint.to_owned(),
        }
    }
}

/// Something to look at again in a text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DraftFinding)]
pub struct FindingView {
    /// How bad it is: error (it should not go out like this) or warning.
    #[schema(examples("error"))]
    pub severity: String,
    /// The rule. Clients must accept rules that they do not know.
    #[schema(examples("LINT-REPROACH"))]
    pub rule: String,
    /// One sentence for people.
    #[schema(examples("“still waiting” can be read as a reproach."))]
    pub detail: String,
    /// Where it begins in the text, counted in characters (Unicode scalar values); absent when it is
    /// about the whole or the subject line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub start: Option<i32>,
    /// Where it ends, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0)]
    pub end: Option<i32>,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        let place = |at: usize| i32::try_from(at).ok();
        Self {
            severity: Severity::as_str(finding.severity).to_owned(),
            rule: finding.rule.to_owned(),
            detail: finding.detail,
            start: finding.at.as_ref().and_then(|at| place(at.start)),
            end: finding.at.as_ref().and_then(|at| place(at.end)),
        }
    }
}
