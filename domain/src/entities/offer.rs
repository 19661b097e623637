//! An offer of a job, here or elsewhere, with its deadline.

use super::field::{Kind, Shape, defaulted, optional, required, words};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::Instant;
use serde::Deserialize;

words! {
    /// In which form the offer came.
    OfferForm { Verbal = "verbal", Written = "written" }
}
words! {
    /// Where the offer stands.
    OfferStatus {
        Open = "open",
        Extended = "extended",
        Accepted = "accepted",
        Declined = "declined",
        Expired = "expired",
        Rescinded = "rescinded",
    }
}

impl OfferStatus {
    /// Whether the offer is settled for good.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Open | Self::Extended)
    }
}

/// An offer of a job.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Offer {
    /// Record identifier.
    pub id: String,
    /// The opportunity that made it.
    pub opportunity_id: String,
    /// When it was received.
    pub received_at: Instant,
    /// Until when it must be answered.
    pub deadline: Option<Instant>,
    /// Where it stands.
    pub status: OfferStatus,
}

/// The fields of an offer.
pub static SHAPE: Shape = Shape {
    name: "Offer",
    about: "An offer of a job.",
    fields: &[
        required(
            "opportunity_id",
            Kind::Ref(Collection::Opportunities),
            "The opportunity that made it.",
        ),
        required("received_at", Kind::Instant, "When it was received."),
        optional(
            "deadline",
            Kind::Instant,
            "Until when it must be answered; after it was received.",
        ),
        defaulted("form", Kind::Word(OfferForm::WORDS), r#""verbal""#, "In which form it came."),
        defaulted(
            "status",
            Kind::Word(OfferStatus::WORDS),
            r#""open""#,
            "Where it stands. A settled offer stays settled.",
        ),
    ],
};

/// What must hold between the fields, and which steps the status may take from `before`.
pub(super) fn check(offer: &Offer, before: Option<OfferStatus>, errors: &mut FieldErrors) {
    if offer.deadline.is_some_and(|deadline| deadline <= offer.received_at) {
        errors.push("/deadline", FaultCode::Inconsistent, "the deadline must come after the offer");
    }
    if let Some(before) = before
        && before.is_final()
        && before != offer.status
    {
        let detail = format!("an offer that is {} stays so", before.as_str());
        errors.push("/status", FaultCode::Transition, detail);
    }
}
