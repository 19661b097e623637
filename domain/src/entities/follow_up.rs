//! A follow-up: what the candidate does or did, planned by a rule or made by hand.

use super::field::{Kind, LONG_TEXT, Shape, defaulted, optional, required, server, text, words};
use super::{Collection, FaultCode, FieldErrors, Fields};
use crate::clock::Instant;
use serde::Deserialize;

words! {
    /// What is done.
    FollowUpKind {
        ThankYou = "thank_you",
        FollowUp = "follow_up",
        ValueAdd = "value_add",
        Fulfil = "fulfil",
        OfferNudge = "offer_nudge",
        Debrief = "debrief",
        AckOffer = "ack_offer",
        RespondOffer = "respond_offer",
        GraciousReply = "gracious_reply",
        AskNewSlot = "ask_new_slot",
        NoShowPing = "no_show_ping",
        Apologise = "apologise",
        Withdrawal = "withdrawal",
        Custom = "custom",
        /// Private: nothing goes out, it can only be skipped or put off.
        PrepClose = "prep_close",
        /// Private: nothing goes out, it can only be skipped or put off.
        LogDebrief = "log_debrief",
        /// Private: nothing goes out, it can only be skipped or put off.
        LegalNotice = "legal_notice",
        /// Private: nothing goes out, it can only be skipped or put off.
        CloseOut = "close_out",
    }
}

impl FollowUpKind {
    /// Whether nothing goes out, so that it can never be sent.
    #[must_use]
    pub const fn is_private(self) -> bool {
        matches!(self, Self::PrepClose | Self::LogDebrief | Self::LegalNotice | Self::CloseOut)
    }
}
words! {
    /// By which way a message goes out.
    OutboundChannel {
        Email = "email",
        Phone = "phone",
        Linkedin = "linkedin",
        Handwritten = "handwritten",
        Sms = "sms",
        InPerson = "in_person",
        ViaRecruiter = "via_recruiter",
    }
}
words! {
    /// Where it stands. `sent` absorbs everything.
    FollowUpStatus { Open = "open", Sent = "sent", Skipped = "skipped" }
}

/// Something that the candidate does or did.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FollowUp {
    /// Record identifier; for a planned one derived from the action key.
    pub id: String,
    /// The name of the action, the same on every device.
    pub action_key: String,
    /// The opportunity that it belongs to.
    pub opportunity_id: String,
    /// The interview that it is about.
    pub interview_id: Option<String>,
    /// What is done.
    pub kind: FollowUpKind,
    /// First, second, … of its kind.
    pub n: Option<i64>,
    /// To whom.
    pub to: Option<String>,
    /// By which way.
    pub channel: Option<OutboundChannel>,
    /// Where it stands.
    pub status: FollowUpStatus,
    /// When it went out.
    pub sent_at: Option<Instant>,
    /// When the server learnt that it was sent.
    pub recorded_at: Option<Instant>,
    /// When the record of it was last corrected.
    pub corrected_at: Option<Instant>,
    /// The draft was merged from two devices and not read since.
    #[serde(default)]
    pub needs_review: bool,
    /// When the candidate decided against it.
    pub skipped_at: Option<Instant>,
    /// Until when the reminder is put off.
    pub snoozed_until: Option<Instant>,
    /// The ideal time from which it was put off; another ideal time ends the snooze.
    pub snoozed_window: Option<Instant>,
    /// The message asked when to expect an answer.
    pub asked_timeline: bool,
    /// What the message carried besides.
    pub included: Vec<String>,
    /// What a custom one is about.
    pub title: Option<String>,
    /// When a custom one is due.
    pub due_at: Option<Instant>,
}

/// The fields that a sending may replace.
pub static BEFORE_SENT: Shape = Shape {
    name: "BeforeSent",
    about: "What a sending replaced, so that it can be undone.",
    fields: &[
        optional("status", Kind::Word(FollowUpStatus::WORDS), "Where it stood."),
        optional("channel", Kind::Word(OutboundChannel::WORDS), "By which way it was planned."),
        optional("asked_timeline", Kind::Bool, "Whether it was to ask when to expect an answer."),
        optional(
            "included",
            Kind::Set { of: &text(1, 64), min: 0, max: 50 },
            "What it was to carry.",
        ),
        optional("skipped_at", Kind::Instant, "When the candidate had decided against it."),
    ],
};

/// The fields of a follow-up.
pub static SHAPE: Shape = Shape {
    name: "FollowUpRecord",
    about: "What is stored of a follow-up once somebody has acted on it.",
    fields: &[
        required("action_key", text(1, 220), "The name of the action, the same on every device."),
        super::opportunity::OWNER,
        optional(
            "interview_id",
            Kind::Ref(Collection::Interviews),
            "The interview that it is about.",
        ),
        required("kind", Kind::Word(FollowUpKind::WORDS), "What is done."),
        optional("n", Kind::Integer { min: 1, max: 1_000 }, "First, second, … of its kind."),
        optional("to", Kind::Ref(Collection::Contacts), "To whom."),
        optional("channel", Kind::Word(OutboundChannel::WORDS), "By which way."),
        defaulted("status", Kind::Word(FollowUpStatus::WORDS), r#""open""#, "Where it stands."),
        optional("sent_at", Kind::Instant, "When it went out."),
        optional("subject", text(0, 300), "Subject line."),
        optional("body", text(0, LONG_TEXT), "The draft, and once sent the message."),
        defaulted(
            "slots",
            Kind::TextMap { max_entries: 20, max_chars: 2_000 },
            "{}",
            "Values for the blanks of the draft.",
        ),
        optional("snoozed_until", Kind::Instant, "Until when the reminder is put off."),
        optional("snoozed_window", Kind::Instant, "The ideal time from which it was put off."),
        defaulted(
            "asked_timeline",
            Kind::Bool,
            "false",
            "The message asked when to expect an answer.",
        ),
        defaulted(
            "included",
            Kind::Set { of: &text(1, 64), min: 0, max: 50 },
            "[]",
            "What the message carried besides: `thanks`, `supplement` or ids of commitments.",
        ),
        optional("title", text(1, 200), "What a custom one is about."),
        optional("due_at", Kind::Instant, "When a custom one is due."),
        server(
            "needs_review",
            Kind::Bool,
            "The draft was merged from two devices and must be read before it goes out.",
        ),
        server(
            "before_sent",
            Kind::Object(&BEFORE_SENT),
            "What the sending replaced, so that it can be undone.",
        ),
        server("skipped_at", Kind::Instant, "When the candidate decided against it."),
        server(
            "recorded_at",
            Kind::Instant,
            "When the server learnt that it was sent; for five minutes it can be undone.",
        ),
        server(
            "sent_at_clamped",
            Kind::Bool,
            "The reported time lay in the future and was set to the time of recording.",
        ),
        server(
            "corrected_at",
            Kind::Instant,
            "When the candidate last corrected the record of a sent one.",
        ),
        server("correction_reason", text(0, 500), "Why."),
        server(
            "archived",
            Kind::Bool,
            "Deleted by the candidate after it was sent: hidden, still counted.",
        ),
    ],
};

/// The fields of a draft that the candidate has read.
#[must_use]
pub fn reviewed(mut fields: Fields) -> Fields {
    fields.set("needs_review", None);
    fields
}

/// What must hold between the fields.
pub(super) fn check(follow_up: &FollowUp, errors: &mut FieldErrors) {
    if follow_up.status == FollowUpStatus::Sent && follow_up.sent_at.is_none() {
        errors.push("/sent_at", FaultCode::Required, "a sent follow-up needs the time of sending");
    }
    if follow_up.kind == FollowUpKind::Custom {
        if follow_up.title.is_none() {
            errors.push("/title", FaultCode::Required, "a custom follow-up needs a title");
        }
        if follow_up.due_at.is_none() {
            errors.push("/due_at", FaultCode::Required, "a custom follow-up needs a due time");
        }
    }
}
