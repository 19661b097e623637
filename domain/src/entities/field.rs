//! The registry's vocabulary: what a field of a record is called, holds and must satisfy.
//!
//! One table row per field. Validation, the OpenAPI schemas and (later) the merge policy all read
//! these rows, so a limit stands in one place.

use super::Collection;

/// A named group of fields: a whole record or an object inside one.
#[derive(Debug)]
pub struct Shape {
    /// The schema's name in the OpenAPI document, in the singular: `Interview`, `Office`.
    pub name: &'static str,
    /// One sentence on what it stands for.
    pub about: &'static str,
    /// Its fields in the order in which they are documented.
    pub fields: &'static [Field],
}

impl Shape {
    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a shape.
#[derive(Debug)]
pub struct Field {
    /// Its name on the wire, `snake_case`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be given, and by whom.
    pub need: Need,
    /// One sentence for the reader of the OpenAPI document.
    pub about: &'static str,
}

/// Whether a field must be given, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The client must give it.
    Required,
    /// May be absent; absence is stored as absence.
    Optional,
    /// May be absent; then this JSON text is stored.
    Default(&'static str),
    /// May be absent; then the moment of recording is stored.
    Now,
    /// Written by the server alone; in a request body it is ignored.
    Server,
}

/// What a field holds, with its limits.
#[derive(Debug)]
pub enum Kind {
    /// Text of `min..=max` characters. With `min` above zero, blanks alone do not count.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
    },
    /// `true` or `false`.
    Bool,
    /// A whole number in `min..=max`.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// One word of a set. Clients must accept words that they do not know.
    Word(&'static [&'static str]),
    /// RFC 3339 instant; stored in UTC with milliseconds at most; years 1970 to 2199.
    Instant,
    /// `YYYY-MM-DD` in the office's zone; years 1970 to 2199.
    Date,
    /// `HH:MM`, 24 hours.
    Time,
    /// A zone of the IANA time zone database, such as `Europe/Prague`.
    TimeZone,
    /// A business calendar known to this version.
    Calendar,
    /// The identifier of a record of that collection in the same account.
    Ref(Collection),
    /// An absolute `http` or `https` address of at most 2,000 characters.
    Url,
    /// SHA-256 as 64 lower-case hexadecimal digits.
    Sha256,
    /// An object inside the record.
    Object(&'static Shape),
    /// Up to `max` items in the given order; no two with the same `key` field, if one is named.
    List {
        /// What each item holds.
        of: &'static Kind,
        /// Most items.
        max: usize,
        /// For objects: the fields that together identify an item.
        key: &'static [&'static str],
    },
    /// Up to `max` different items; order means nothing and is stored sorted.
    Set {
        /// What each item holds.
        of: &'static Kind,
        /// Fewest items.
        min: usize,
        /// Most items.
        max: usize,
    },
    /// Fields of some record, as a mutation sets them; checked by whoever knows the record.
    Fields,
    /// Names (1 to 40 characters) to texts, at most `max_entries` of at most `max_chars` each.
    TextMap {
        /// Most entries.
        max_entries: usize,
        /// Most characters of one text.
        max_chars: usize,
    },
}

/// The most characters of a long text such as notes or a draft. Bytes are bounded by the
/// advertised 64 KiB per text as well.
pub const LONG_TEXT: usize = 20_000;

/// The most bytes of any single text.
pub const MAX_TEXT_BYTES: usize = 64 * 1024;

/// A field that the client must give.
pub(crate) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Required, about }
}

/// A field that may be absent.
pub(crate) const fn optional(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

/// A field that is stored as the JSON text `default` when absent.
pub(crate) const fn defaulted(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Field {
    Field { name, kind, need: Need::Default(default), about }
}

/// An instant that is the moment of recording when absent.
pub(crate) const fn now(name: &'static str, about: &'static str) -> Field {
    Field { name, kind: Kind::Instant, need: Need::Now, about }
}

/// A field that only the server writes.
pub(crate) const fn server(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Server, about }
}

/// Text of `min..=max` characters.
pub(crate) const fn text(min: usize, max: usize) -> Kind {
    Kind::Text { min, max }
}

/// Declares a set of words: an enum, its spelling on the wire and the list of all spellings, from
/// one table.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $(
                $(#[$word_doc])*
                #[doc = concat!("On the wire `", $text, "`.")]
                #[serde(rename = $text)]
                $variant
            ),+
        }

        impl $name {
            /// Every spelling, in the order of the declaration.
            pub const WORDS: &'static [&'static str] = &[$($text),+];

            /// The one spelled `word`.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)+ _ => None }
            }

            /// The spelling on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}
pub(crate) use words;
