//! A reply: something that came back from the employer.

use super::field::{Kind, LONG_TEXT, Shape, defaulted, optional, required, text, words};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::{CivilDate, Instant};
use serde::Deserialize;

words! {
    /// What came back.
    ReplyKind {
        /// An answer without a date.
        ReplyInfo = "reply_info",
        /// A new promise; its words are in `text`.
        NewDate = "new_date",
        /// They ask for something.
        Request = "request",
        /// Another round is announced.
        NextRound = "next_round",
        /// An offer.
        Offer = "offer",
        /// A no.
        Reject = "reject",
        /// An automatic out-of-office answer: counts as no answer.
        OutOfOffice = "ooo",
        /// A request not to be contacted.
        DoNotContact = "dnc",
        /// The hiring is paused.
        OnHold = "on_hold",
    }
}

impl ReplyKind {
    /// Whether a person answered. Only then do unanswered messages count as answered.
    #[must_use]
    pub const fn is_human(self) -> bool {
        !matches!(self, Self::OutOfOffice)
    }
}

/// Something that came back from the employer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reply {
    /// Record identifier.
    pub id: String,
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// When it came.
    pub at: Instant,
    /// From whom.
    pub from: Option<String>,
    /// What came.
    pub kind: ReplyKind,
    /// Its words; for a new date they are read like a spoken promise.
    pub text: String,
    /// The day of return of an absent person.
    pub returns: Option<CivilDate>,
    /// Until when an offer must be answered.
    pub deadline: Option<Instant>,
}

/// The fields of a reply.
pub static SHAPE: Shape = Shape {
    name: "Reply",
    about: "Something that came back from the employer.",
    fields: &[
        super::opportunity::OWNER,
        required("at", Kind::Instant, "When it came."),
        optional("from", Kind::Ref(Collection::Contacts), "From whom."),
        required("kind", Kind::Word(ReplyKind::WORDS), "What came."),
        defaulted(
            "text",
            text(0, LONG_TEXT),
            r#""""#,
            "Its words; for a new date they are read like a spoken promise.",
        ),
        optional("returns", Kind::Date, "The day of return of an absent person."),
        optional("deadline", Kind::Instant, "Until when an offer must be answered."),
    ],
};

/// What must hold between the fields.
pub(super) fn check(reply: &Reply, errors: &mut FieldErrors) {
    if reply.returns.is_some() && reply.kind != ReplyKind::OutOfOffice {
        errors.push(
            "/returns",
            FaultCode::Inconsistent,
            "only an out-of-office answer names a day of return",
        );
    }
    if reply.deadline.is_some_and(|deadline| deadline <= reply.at) {
        errors.push("/deadline", FaultCode::Inconsistent, "the deadline must come after the reply");
    }
}
