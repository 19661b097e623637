//! The collections: what a record of each holds, and how untrusted JSON becomes one.
//!
//! [`Collection`] is the registry. A new collection is a file here, a line in [`Collection`] and a
//! shape; storage, REST and the OpenAPI document follow from it.
//! **Must never** know where records are stored or how they travel.

pub mod actions;
pub mod commitment;
pub mod conflict;
pub mod contact;
mod derived;
pub mod error;
pub mod expectation;
pub mod field;
pub mod follow_up;
pub mod interview;
pub mod offer;
pub mod opportunity;
pub mod parse;
pub mod preferences;
mod references;
pub mod reply;
mod rules;
pub mod supplement;
mod values;

pub use commitment::Commitment;
pub use contact::Contact;
pub use derived::{derive, with_status};
pub use error::{FaultCode, FieldError, FieldErrors};
pub use expectation::Expectation;
pub use field::Shape;
pub use follow_up::FollowUp;
pub use interview::Interview;
pub use offer::Offer;
pub use opportunity::Opportunity;
pub use parse::{Fields, parse, parse_patch};
pub use preferences::Preferences;
pub use references::{Reference, references};
pub use reply::Reply;
pub use supplement::Supplement;
pub(crate) use values::parse_value;

field::words! {
    /// The synced collections, named as on the wire.
    Collection {
        /// A job being pursued with one employer.
        Opportunities = "opportunities",
        /// A person met or to be written to.
        Contacts = "contacts",
        /// A conversation about the job.
        Interviews = "interviews",
        /// Something that they promised the candidate.
        Expectations = "expectations",
        /// Something that the candidate owes them.
        Commitments = "commitments",
        /// Something that the candidate does or did.
        FollowUps = "follow_ups",
        /// Something that came back from the employer.
        Replies = "replies",
        /// An offer of a job.
        Offers = "offers",
        /// A qualification that may be added later.
        Supplements = "supplements",
        /// The candidate's settings: one record, `me`.
        Preferences = "preferences",
        /// Two versions of something, one of which was not kept. Written by the merge alone.
        Conflicts = "conflicts",
    }
}

/// The identifier of the one record in [`Collection::Preferences`].
pub const PREFERENCES_ID: &str = "me";

impl Collection {
    /// Every collection, parents before children.
    pub const ALL: [Self; 11] = [
        Self::Preferences,
        Self::Opportunities,
        Self::Contacts,
        Self::Interviews,
        Self::Expectations,
        Self::Commitments,
        Self::FollowUps,
        Self::Replies,
        Self::Offers,
        Self::Supplements,
        Self::Conflicts,
    ];

    /// Whether only the server writes records of this collection.
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Conflicts)
    }

    /// The fields of a record of this collection.
    #[must_use]
    pub const fn shape(self) -> &'static Shape {
        match self {
            Self::Opportunities => &opportunity::SHAPE,
            Self::Contacts => &contact::SHAPE,
            Self::Interviews => &interview::SHAPE,
            Self::Expectations => &expectation::SHAPE,
            Self::Commitments => &commitment::SHAPE,
            Self::FollowUps => &follow_up::SHAPE,
            Self::Replies => &reply::SHAPE,
            Self::Offers => &offer::SHAPE,
            Self::Supplements => &supplement::SHAPE,
            Self::Preferences => &preferences::SHAPE,
            Self::Conflicts => &conflict::SHAPE,
        }
    }

    /// The field by whose instant lists of this collection can be narrowed, if there is one.
    #[must_use]
    pub const fn sort_field(self) -> Option<&'static str> {
        match self {
            Self::Interviews => Some("starts_at"),
            Self::FollowUps => Some("due_at"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
