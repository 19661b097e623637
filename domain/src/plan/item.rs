//! The plan and its items: what the planner gives back.

use super::reason::Reason;
use super::state::OpportunityState;
use crate::clock::Instant;
use crate::entities::expectation::ExpectationStatus;
use crate::entities::field::words;
use crate::entities::follow_up::OutboundChannel;
use crate::ids;
use std::collections::BTreeSet;

words! {
    /// What is to be done, in the order of urgency when two are due at the same moment.
    ItemKind {
        /// Say sorry for an interview missed.
        Apologise = "apologise",
        /// Ask after an interviewer who did not come.
        NoShowPing = "no_show_ping",
        /// Write down how the interview ended; private.
        LogDebrief = "log_debrief",
        /// Get ready to close the interview well; private.
        PrepClose = "prep_close",
        /// Deliver what was promised.
        Fulfil = "fulfil",
        /// Answer their offer.
        RespondOffer = "respond_offer",
        /// Acknowledge their offer.
        AckOffer = "ack_offer",
        /// Tell them of an offer from elsewhere.
        OfferNudge = "offer_nudge",
        /// Tell the agency's recruiter how it went.
        Debrief = "debrief",
        /// Thank an interviewer.
        ThankYou = "thank_you",
        /// Answer a rejection kindly.
        GraciousReply = "gracious_reply",
        /// Withdraw with courtesy.
        Withdrawal = "withdrawal",
        /// Ask for a new date after a cancelled one.
        AskNewSlot = "ask_new_slot",
        /// Send a new qualification without asking for anything.
        ValueAdd = "value_add",
        /// Ask where things stand.
        FollowUp = "follow_up",
        /// Something that the candidate planned.
        Custom = "custom",
        /// A legal duty of the employer worth knowing; private.
        LegalNotice = "legal_notice",
        /// Close it for oneself; private.
        CloseOut = "close_out",
    }
}
words! {
    /// Whether now is the time.
    Verdict {
        /// Before the first tactful moment.
        TooSoon = "too_soon",
        /// Inside the window.
        GoodTime = "good_time",
        /// After the window.
        Overdue = "overdue",
        /// The last message that is still tactful, and its window is open.
        LastCall = "last_call",
        /// Time to let go.
        LetItGo = "let_it_go",
        /// Something else must happen first.
        Blocked = "blocked",
    }
}
words! {
    /// By which way.
    ItemChannel {
        Email = "email",
        Phone = "phone",
        PhoneOrEmail = "phone_or_email",
        PhoneThenEmail = "phone_then_email",
        Handwritten = "handwritten",
        /// By post and by e-mail.
        Both = "both",
        Linkedin = "linkedin",
        Sms = "sms",
        InPerson = "in_person",
        /// Nothing goes out.
        None = "none",
    }
}
words! {
    /// Through whose hands it goes.
    Route { Direct = "direct", ViaRecruiter = "via_recruiter", ViaCoordinator = "via_coordinator" }
}
words! {
    /// Who has to move.
    Ball { Me = "me", Them = "them", Nobody = "nobody" }
}

impl From<OutboundChannel> for ItemChannel {
    /// What goes through a recruiter is written to the recruiter.
    fn from(channel: OutboundChannel) -> Self {
        match channel {
            OutboundChannel::Email | OutboundChannel::ViaRecruiter => Self::Email,
            OutboundChannel::Phone => Self::Phone,
            OutboundChannel::Linkedin => Self::Linkedin,
            OutboundChannel::Handwritten => Self::Handwritten,
            OutboundChannel::Sms => Self::Sms,
            OutboundChannel::InPerson => Self::InPerson,
        }
    }
}

/// What to do about one opportunity, as of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The opportunity.
    pub opportunity_id: String,
    /// The moment for which the plan holds.
    pub now: Instant,
    /// The policy that made it.
    pub policy_version: &'static str,
    /// The holiday data that made it.
    pub calendar_version: &'static str,
    /// Where the opportunity stands.
    pub state: OpportunityState,
    /// Who has to move.
    pub ball: Ball,
    /// How long they have been waited for; `None` while it is not their turn.
    pub waiting: Option<Waiting>,
    /// The answer in one sentence.
    pub headline: Reason,
    /// What to do, the most pressing first, blocked ones last.
    pub items: Vec<Item>,
    /// What became of each of their promises made so far, by id.
    pub promises: Vec<(String, ExpectationStatus)>,
    /// The next moment at which the plan changes although the facts do not; `None` for never.
    pub next_change_at: Option<Instant>,
}

/// A wait, counted in the employer's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// The last meeting, delivery or word of theirs.
    pub since: Instant,
    /// Business days of their office since then.
    pub business_days: i32,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `{opportunity}/{kind}/{ordinal, interview, commitment or offer}/{recipient}`; within a plan
    /// no two items share it, and every device derives the same.
    pub key: String,
    /// Which of the acts recorded under this key it would be, from 1. Above 1 only for a follow-up
    /// that starts counting anew after an answer; see [`Item::action_key`].
    pub occurrence: usize,
    /// What.
    pub kind: ItemKind,
    /// To whom: `self`, `employer`, `recruiter`, `scheduler` or the id of a contact.
    pub to: String,
    /// The person behind `to`, by rule W1; for a note that goes through somebody, the one who passes
    /// it on. `None` while nobody suitable is known.
    pub contact_id: Option<String>,
    /// By which way.
    pub channel: ItemChannel,
    /// Through whose hands.
    pub route: Route,
    /// The interview that it is about.
    pub interview_id: Option<String>,
    /// First, second, … of its kind.
    pub n: Option<i64>,
    /// First tactful moment.
    pub earliest: Instant,
    /// Best moment.
    pub ideal: Instant,
    /// Last timely moment.
    pub latest: Instant,
    /// When it leaves the plan by itself.
    pub expires: Option<Instant>,
    /// Whether now is the time.
    pub verdict: Verdict,
    /// When to do it, never before now; `None` while blocked.
    pub do_at: Option<Instant>,
    /// When to remind the candidate; `None` while blocked or muted.
    pub remind_at: Option<Instant>,
    /// Until when the candidate put the reminder off, while that holds.
    pub snoozed_until: Option<Instant>,
    /// How tactful it would be now, 0 to 100; `None` where tact is not the question.
    pub tact_now: Option<u8>,
    /// How tactful it will be at `do_at`, 0 to 100.
    pub tact_at_do: Option<u8>,
    /// Why, in the order in which the rules applied.
    pub reasons: Vec<Reason>,
    /// Why it goes to this person and by this way, and what it should be sent together with.
    pub routing: Vec<Reason>,
    /// The follow-up record of the item with which it makes one message (M1).
    pub bundle_with: Option<String>,
    /// What could be done instead.
    pub alternatives: Vec<Alternative>,
    /// What else to mind, as words or `word=value`.
    pub flags: BTreeSet<String>,
    /// The identifier of the record of a custom one, which is not derived from its key.
    pub record_id: Option<String>,
    /// What a custom one, or something owed, is about in the candidate's words.
    pub title: Option<String>,
}

/// Another way to do the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alternative {
    /// Why it is one.
    pub reason: Reason,
    /// To whom instead.
    pub contact_id: Option<String>,
    /// By which way instead.
    pub channel: Option<ItemChannel>,
    /// When instead.
    pub do_at: Option<Instant>,
}

impl Item {
    /// Every reason: why and when first, then to whom and how.
    pub fn all_reasons(&self) -> impl Iterator<Item = &Reason> {
        self.reasons.iter().chain(&self.routing)
    }

    /// The key under which acting on the item is recorded: `key`, and from the second occurrence
    /// on `key#2`, `key#3`, …, because what was sent before an answer keeps its record.
    #[must_use]
    pub fn action_key(&self) -> String {
        if self.occurrence > 1 {
            format!("{}#{}", self.key, self.occurrence)
        } else {
            self.key.clone()
        }
    }

    /// The identifier of the follow-up record that belongs to this item.
    #[must_use]
    pub fn follow_up_id(&self) -> String {
        self.record_id.clone().unwrap_or_else(|| ids::follow_up_id(&self.action_key()))
    }
}
