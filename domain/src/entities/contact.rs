//! A contact: someone the candidate met or must write to, and by which ways.

use super::Collection;
use super::field::{Kind, LONG_TEXT, Shape, defaulted, optional, required, text, words};
use serde::Deserialize;

words! {
    /// What the person is in this hiring.
    ContactRole {
        HiringManager = "hiring_manager",
        Interviewer = "interviewer",
        InternalRecruiter = "internal_recruiter",
        AgencyRecruiter = "agency_recruiter",
        Coordinator = "coordinator",
        Referrer = "referrer",
        Referee = "referee",
    }
}
words! {
    /// A way to reach the person.
    ChannelKind { Email = "email", Phone = "phone", Linkedin = "linkedin", Postal = "postal", Sms = "sms" }
}

/// One way to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Channel {
    /// Which way.
    pub kind: ChannelKind,
    /// The address, number or profile.
    pub value: String,
    /// Whether they invited the candidate to use it.
    pub invited: bool,
    /// Whether both are connected there.
    pub connected: bool,
}

/// A person in one or more hirings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Contact {
    /// Record identifier.
    pub id: String,
    /// The opportunity that the person belongs to; absent for one shared by several.
    pub opportunity_id: Option<String>,
    /// Full name.
    pub name: String,
    /// What the person is in this hiring.
    pub role: ContactRole,
    /// Known ways to reach them. Empty means that none was recorded, not that there is none.
    pub channels: Vec<Channel>,
    /// The way they prefer.
    pub preferred: Option<ChannelKind>,
    /// They asked for no thank-you notes.
    pub no_thanks: bool,
}

/// The fields of one way to reach a person.
pub static CHANNEL: Shape = Shape {
    name: "ContactChannel",
    about: "One way to reach a person.",
    fields: &[
        required("kind", Kind::Word(ChannelKind::WORDS), "Which way."),
        required("value", text(1, 500), "The address, number or profile."),
        defaulted("invited", Kind::Bool, "false", "Whether they invited the candidate to use it."),
        defaulted("connected", Kind::Bool, "false", "Whether both are connected there."),
    ],
};

/// The fields of a contact.
pub static SHAPE: Shape = Shape {
    name: "Contact",
    about: "A person in one or more hirings.",
    fields: &[
        optional(
            "opportunity_id",
            Kind::Ref(Collection::Opportunities),
            "The opportunity that the person belongs to.",
        ),
        required("name", text(1, 120), "Full name."),
        optional("name_phonetic", text(1, 120), "How the name is said."),
        required("role", Kind::Word(ContactRole::WORDS), "What the person is in this hiring."),
        defaulted(
            "channels",
            Kind::List { of: &Kind::Object(&CHANNEL), max: 20, key: &["kind", "value"] },
            "[]",
            "Known ways to reach them. Empty means that none was recorded.",
        ),
        optional("preferred", Kind::Word(ChannelKind::WORDS), "The way they prefer."),
        defaulted("no_thanks", Kind::Bool, "false", "They asked for no thank-you notes."),
        defaulted("notes", text(0, LONG_TEXT), r#""""#, "Free notes."),
    ],
};
