//! THE table of merge policies: for every field of every collection what happens when two devices
//! changed it without knowing of each other.
//!
//! REST, sync and every adapter go by this table. **Must never** be asked whether there is a
//! conflict: that is found by revisions alone.

use crate::entities::Collection;
use Policy::{Group, Immutable, Later, List, Map, Ranked, Server, Set, Text};

/// What happens to a field that two devices changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The later edit wins, by effective time; the other value becomes a conflict.
    Later,
    /// As [`Later`](Self::Later), with the fields that only make sense together.
    Group(&'static FieldGroup),
    /// The stronger word wins whatever the time; between equally strong ones the later.
    Ranked(&'static Rank),
    /// Both texts are woven word by word into one.
    Text,
    /// Additions and removals of both are kept.
    Set,
    /// As [`Set`](Self::Set) for items with a key; the same item changed twice: the later edit.
    List,
    /// Per entry as [`Later`](Self::Later).
    Map,
    /// Never changes once the record exists.
    Immutable,
    /// Only the server writes it; what a device sends is ignored.
    Server,
}

impl Policy {
    /// The name under which it stands in a conflict.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Later => "later",
            Group(_) => "group",
            Ranked(_) => "ranked",
            Text => "text",
            Set => "set",
            List => "list",
            Map => "map",
            Immutable => "immutable",
            Server => "server",
        }
    }
}

/// Fields that move as one.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldGroup {
    /// What they are together.
    pub name: &'static str,
    /// The fields.
    pub fields: &'static [&'static str],
    /// What decides before the time does.
    pub rank: Option<Rank>,
    /// Whether a field that an edit leaves out is taken as the edit saw it. Not where the fields follow
    /// from the first one by themselves, as long as no stronger word stands in them.
    pub whole: bool,
}

/// Words that beat others whatever the time.
#[derive(Debug, PartialEq, Eq)]
pub struct Rank {
    /// The field that holds the word.
    pub field: &'static str,
    /// The words in classes, the weakest first. A word that is not named is the weakest.
    pub classes: &'static [&'static [&'static str]],
    /// Whether the candidate is asked about the weaker word. Where the stronger one says more, or
    /// the weaker one was overtaken by events, nothing is lost by not asking.
    pub asks: bool,
}

impl Rank {
    /// How strong a word is.
    #[must_use]
    pub fn strength(&self, word: &str) -> usize {
        self.classes.iter().position(|class| class.contains(&word)).unwrap_or(0)
    }
}

/// Two concurrent restrictions: the stricter one. Loosening takes an edit that has seen it.
static CONTACT_POLICY: Rank = Rank {
    field: "contact_policy",
    classes: &[&["none"], &["no_calls"], &["no_status", "no_thanks"], &["no_contact"]],
    asks: false,
};

static NO_THANKS: Rank =
    Rank { field: "no_thanks", classes: &[&["false"], &["true"]], asks: false };

/// What took place beats what was planned, with a question.
static INTERVIEW_STATUS: Rank = Rank {
    field: "status",
    classes: &[
        &["scheduled", "cancelled_them", "cancelled_me", "rescheduled"],
        &["held", "no_show_them", "no_show_me"],
    ],
    asks: true,
};

static APPOINTMENT: FieldGroup = FieldGroup {
    name: "appointment",
    fields: &["starts_at", "ends_at", "time_zone"],
    rank: None,
    whole: true,
};

/// What the candidate confirmed beats what was read from words.
static READING: FieldGroup = FieldGroup {
    name: "reading",
    fields: &["text", "kind", "from", "by", "by_time", "hedged"],
    rank: Some(Rank {
        field: "kind",
        classes: &[&["exact", "window", "vague", "unparsed"], &["confirmed"]],
        asks: true,
    }),
    // The dates are read from the words.
    whole: false,
};

static DUE: FieldGroup =
    FieldGroup { name: "due", fields: &["due", "due_time"], rank: None, whole: true };

/// What is delivered is delivered.
static DELIVERY: FieldGroup = FieldGroup {
    name: "delivery",
    fields: &["status", "fulfilled_at"],
    rank: Some(Rank {
        field: "status",
        classes: &[&["open", "waived"], &["fulfilled"]],
        asks: false,
    }),
    whole: true,
};

static SNOOZE: FieldGroup = FieldGroup {
    name: "snooze",
    fields: &["snoozed_until", "snoozed_window"],
    rank: None,
    whole: true,
};

static REPLY_TIMES: FieldGroup =
    FieldGroup { name: "times", fields: &["at", "deadline"], rank: None, whole: true };

static REPLY_KIND: FieldGroup =
    FieldGroup { name: "kind", fields: &["kind", "returns"], rank: None, whole: true };

static OFFER_TIMES: FieldGroup =
    FieldGroup { name: "times", fields: &["received_at", "deadline"], rank: None, whole: true };

/// A settled offer stays settled.
static OFFER_STATUS: Rank = Rank {
    field: "status",
    classes: &[&["open"], &["extended"], &["accepted", "declined", "expired", "rescinded"]],
    asks: true,
};

static QUIET: FieldGroup =
    FieldGroup { name: "quiet", fields: &["quiet_from", "quiet_to"], rank: None, whole: true };

type Rows = &'static [(&'static str, Policy)];

const OPPORTUNITIES: Rows = &[
    ("employer", Later),
    ("role", Later),
    ("office", Later),
    ("via_agency", Later),
    ("agency_contact_id", Later),
    ("source", Later),
    ("interest", Later),
    ("withdrawn_at", Server),
    ("closed", Later),
    ("closed_at", Server),
    ("contact_policy", Ranked(&CONTACT_POLICY)),
    ("contact_policy_source", Later),
    ("region", Later),
    ("employer_25_plus", Later),
    ("public_posting", Later),
    ("tags", Set),
    ("notes", Text),
];

const CONTACTS: Rows = &[
    ("opportunity_id", Later),
    ("name", Later),
    ("name_phonetic", Later),
    ("role", Later),
    ("channels", List),
    ("preferred", Later),
    ("no_thanks", Ranked(&NO_THANKS)),
    ("notes", Text),
];

const INTERVIEWS: Rows = &[
    ("opportunity_id", Later),
    ("round", Later),
    ("kind", Later),
    ("starts_at", Group(&APPOINTMENT)),
    ("ends_at", Group(&APPOINTMENT)),
    ("time_zone", Group(&APPOINTMENT)),
    ("status", Ranked(&INTERVIEW_STATUS)),
    ("status_changed_at", Server),
    ("attendees", List),
    ("scheduler_contact_id", Later),
    ("replaces_id", Later),
    ("next_step_owner", Later),
    ("impression", Later),
    ("talking_points", List),
    ("notes", Text),
];

const EXPECTATIONS: Rows = &[
    ("opportunity_id", Later),
    ("interview_id", Later),
    ("subject", Later),
    ("text", Group(&READING)),
    ("spoken_at", Later),
    ("promised_by", Later),
    ("kind", Group(&READING)),
    ("from", Group(&READING)),
    ("by", Group(&READING)),
    ("by_time", Group(&READING)),
    ("hedged", Group(&READING)),
    ("status", Server),
    ("ambiguous", Server),
    ("alternative", Server),
    ("parse_rule", Server),
    ("parser_version", Server),
];

const COMMITMENTS: Rows = &[
    ("opportunity_id", Later),
    ("interview_id", Later),
    ("kind", Later),
    ("title", Later),
    ("source", Later),
    ("spoken_at", Later),
    ("due", Group(&DUE)),
    ("due_time", Group(&DUE)),
    ("third_party", Later),
    ("referee_contact_id", Later),
    ("artifact", Later),
    ("status", Group(&DELIVERY)),
    ("fulfilled_at", Group(&DELIVERY)),
];

/// `status` and `sent_at` change by actions alone; once sent, the draft is immutable.
const FOLLOW_UPS: Rows = &[
    ("action_key", Immutable),
    ("opportunity_id", Immutable),
    ("interview_id", Immutable),
    ("kind", Immutable),
    ("n", Immutable),
    ("to", Later),
    ("channel", Later),
    ("status", Server),
    ("sent_at", Server),
    ("subject", Later),
    ("body", Text),
    ("slots", Map),
    ("snoozed_until", Group(&SNOOZE)),
    ("snoozed_window", Group(&SNOOZE)),
    ("asked_timeline", Later),
    ("included", Set),
    ("title", Later),
    ("due_at", Later),
    ("needs_review", Server),
    ("before_sent", Server),
    ("skipped_at", Server),
    ("recorded_at", Server),
    ("sent_at_clamped", Server),
    ("corrected_at", Server),
    ("correction_reason", Server),
    ("archived", Server),
];

const REPLIES: Rows = &[
    ("opportunity_id", Later),
    ("at", Group(&REPLY_TIMES)),
    ("from", Later),
    ("kind", Group(&REPLY_KIND)),
    ("text", Later),
    ("returns", Group(&REPLY_KIND)),
    ("deadline", Group(&REPLY_TIMES)),
];

const OFFERS: Rows = &[
    ("opportunity_id", Later),
    ("received_at", Group(&OFFER_TIMES)),
    ("deadline", Group(&OFFER_TIMES)),
    ("form", Later),
    ("status", Ranked(&OFFER_STATUS)),
];

const SUPPLEMENTS: Rows = &[
    ("opportunity_id", Later),
    ("title", Later),
    ("kind", Later),
    ("url", Later),
    ("earned_at", Later),
    ("used_by", Later),
];

const PREFERENCES: Rows = &[
    ("time_zone", Later),
    ("quiet_from", Group(&QUIET)),
    ("quiet_to", Group(&QUIET)),
    ("thank_channel", Later),
    ("max_unanswered", Later),
    ("lock_screen", Later),
    ("mute", Set),
    ("locale", Later),
];

/// The policies of a collection, one row for each field.
const fn rows(collection: Collection) -> Rows {
    match collection {
        Collection::Opportunities => OPPORTUNITIES,
        Collection::Contacts => CONTACTS,
        Collection::Interviews => INTERVIEWS,
        Collection::Expectations => EXPECTATIONS,
        Collection::Commitments => COMMITMENTS,
        Collection::FollowUps => FOLLOW_UPS,
        Collection::Replies => REPLIES,
        Collection::Offers => OFFERS,
        Collection::Supplements => SUPPLEMENTS,
        Collection::Preferences => PREFERENCES,
        // The server writes every one of their fields.
        Collection::Conflicts => &[],
    }
}

/// What happens to `field` when two devices changed it. A field that this version does not know is
/// treated as one value.
#[must_use]
pub fn policy(collection: Collection, field: &str) -> Policy {
    let row = rows(collection).iter().find(|(name, _)| *name == field);
    let unknown = if collection.is_read_only() { Server } else { Later };
    row.map_or(unknown, |(_, policy)| *policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entities::field::{Kind, Need};

    #[test]
    fn every_field_has_one_row_and_every_row_a_field() {
        for collection in Collection::ALL.into_iter().filter(|one| !one.is_read_only()) {
            let fields: Vec<&str> = collection.shape().fields.iter().map(|f| f.name).collect();
            let mut named: Vec<&str> = rows(collection).iter().map(|(name, _)| *name).collect();
            assert_eq!(named.len(), fields.len(), "{}", collection.as_str());
            named.retain(|name| !fields.contains(name));
            assert_eq!(named, [""; 0], "{}", collection.as_str());
        }
    }

    #[test]
    fn a_policy_fits_what_the_field_holds() {
        for collection in Collection::ALL {
            for field in collection.shape().fields {
                let policy = policy(collection, field.name);
                let fits = match policy {
                    Text => matches!(field.kind, Kind::Text { .. }),
                    Set => matches!(field.kind, Kind::Set { .. }),
                    List => matches!(field.kind, Kind::List { key, .. } if !key.is_empty()),
                    Map => matches!(field.kind, Kind::TextMap { .. }),
                    Group(group) => group.fields.contains(&field.name),
                    Ranked(rank) => rank.field == field.name,
                    Later | Immutable | Server => true,
                };
                let (name, what) = (field.name, collection.as_str());
                assert!(fits, "{what}.{name}: {policy:?}");
                assert!(field.need != Need::Server || policy == Server, "{what}.{name}");
            }
        }
    }

    #[test]
    fn a_stronger_word_is_one_of_a_later_class() {
        assert!(CONTACT_POLICY.strength("no_contact") > CONTACT_POLICY.strength("no_calls"));
        assert_eq!(CONTACT_POLICY.strength("no_status"), CONTACT_POLICY.strength("no_thanks"));
    }
}
