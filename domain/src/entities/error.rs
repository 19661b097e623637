//! What is wrong with a field, said so that a person and a program can both act on it.

use std::fmt;

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) to the offending value in the body.
    pub pointer: String,
    /// The kind of fault, stable.
    pub code: FaultCode,
    /// One sentence in English.
    pub detail: String,
}

super::field::words! {
    /// The kinds of fault that a field can have.
    FaultCode {
        /// A required field is absent.
        Required = "required",
        /// The JSON type is not the one expected.
        Type = "type",
        /// Fewer characters or items than allowed.
        TooShort = "too_short",
        /// More characters, bytes or items than allowed.
        TooLong = "too_long",
        /// No such field.
        UnknownField = "unknown_field",
        /// Not one of the allowed words.
        NotAllowed = "not_allowed",
        /// Not written in the expected form.
        Format = "format",
        /// Outside the allowed range.
        Range = "range",
        /// The same item twice.
        Duplicate = "duplicate",
        /// No such record in this account.
        UnknownReference = "unknown_reference",
        /// Contradicts another field.
        Inconsistent = "inconsistent",
        /// The state machine has no such step.
        Transition = "transition",
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.pointer, self.detail)
    }
}

/// The faults found so far. Collecting goes on after the first, so that a form can show them all.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes a fault at `pointer`.
    pub fn push(&mut self, pointer: impl Into<String>, code: FaultCode, detail: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code, detail: detail.into() });
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many faults were noted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults in the order found.
    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }

    /// `Ok(value)` when nothing is wrong.
    ///
    /// # Errors
    /// The faults themselves.
    pub fn or_ok<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// The same faults, one level deeper: every pointer gets `prefix` in front.
    #[must_use]
    pub fn nested_under(mut self, prefix: &str) -> Self {
        for error in &mut self.0 {
            error.pointer.insert_str(0, prefix);
        }
        self
    }

    /// Adds the faults of another list.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// A place in a body. It becomes a pointer only if something is wrong there: places are passed for every
/// field of every body, and a text for each was one of the costs of a push.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// A JSON Pointer.
    Pointer(&'a str),
    /// A member of the object at a place.
    Member(&'a At<'a>, &'a str),
    /// An item of the list at a place.
    Item(&'a At<'a>, usize),
}

impl At<'_> {
    /// The body itself.
    pub const BODY: Self = At::Pointer("");

    fn write(&self, into: &mut String) {
        match self {
            Self::Pointer(pointer) => into.push_str(pointer),
            Self::Member(place, name) => {
                place.write(into);
                into.push('/');
                into.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Self::Item(place, number) => {
                place.write(into);
                into.push_str(&format!("/{number}"));
            }
        }
    }
}

/// The JSON Pointer, its names escaped as RFC 6901 asks.
impl From<At<'_>> for String {
    fn from(at: At<'_>) -> Self {
        let mut pointer = Self::new();
        at.write(&mut pointer);
        pointer
    }
}
