//! Which fields a version of the app knows. Field by field edits are what keeps an old app from
//! erasing what it has never heard of.

use serde_json::Value;

/// What one version of the app knows of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The number that it sends.
    pub version: i64,
    /// Fields, of whatever collection, that this version has never heard of.
    pub lacks: &'static [&'static str],
    /// Whether it uses fields that the server does not know; they come back in `extra`.
    pub keeps_extra: bool,
}

impl Schema {
    /// The schema of the server.
    pub const CURRENT: Self = Self { version: 1, lacks: &[], keeps_extra: false };

    /// A version from before some of today's fields.
    pub const OLD: Self = Self {
        version: 1,
        lacks: &["tags", "office", "channels", "no_thanks", "attendees", "impression", "slots"],
        keeps_extra: false,
    };

    /// A version that is ahead of the server: it has a field `mood`.
    pub const NEWER: Self = Self { version: 2, lacks: &[], keeps_extra: true };

    /// Whether this version has heard of the field called `name`.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        !self.lacks.contains(&name)
    }
}

/// What makes two items of a list field the same item, where not everything does.
fn identity(field: &str) -> &'static [&'static str] {
    match field {
        "attendees" => &["contact_id"],
        "channels" => &["kind", "value"],
        "talking_points" => &["text"],
        _ => &[],
    }
}

/// Whether `one` and `other` are the same item of the field called `field`, perhaps in two versions.
pub(super) fn is_same(field: &str, one: &Value, other: &Value) -> bool {
    match identity(field) {
        [] => one == other,
        names => names.iter().all(|name| one.get(name) == other.get(name)),
    }
}

/// The texts that the server merges word by word. An edit of one says which text it began with.
pub(super) const MERGED_TEXTS: &[&str] = &["notes", "body"];
