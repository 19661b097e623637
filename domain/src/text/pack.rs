//! The shape of a language pack: everything that depends on a language, as typed tables, so that a
//! missing text does not compile.
//!
//! **Must never** hold a rule: which text is used is decided by what the planner says.

use super::dates::Dates;
use super::packs;
use super::slots::Hints;
use crate::entities::commitment::CommitmentKind;
use crate::entities::follow_up::FollowUpKind;

/// Everything that depends on a language.
pub struct Pack {
    pub(super) locale: &'static str,
    pub(super) address: Address,
    pub(super) greeting: &'static str,
    pub(super) closing: &'static str,
    /// Quotation marks: opening, closing.
    pub(super) quotes: (&'static str, &'static str),
    /// Between the last two things of a list.
    pub(super) and: &'static str,
    /// Words that are written small inside a sentence although a note may begin with them.
    pub(super) small_words: &'static [&'static str],
    pub(super) letters: Letters,
    pub(super) clauses: Clauses,
    pub(super) deliverables: Deliverables,
    pub(super) closing_questions: [ClosingQuestion; 3],
    pub(super) hints: Hints,
    pub(super) dates: Dates,
    pub(super) lock_screen: LockScreenTexts,
    pub(super) lint: LintWords,
    pub(super) findings: FindingTexts,
}

impl Pack {
    /// Every pack; the first one is for languages that have none.
    pub const ALL: &'static [&'static Self] = &[&packs::en::PACK, &packs::de::PACK];

    /// The pack for a BCP 47 locale: by its language (`de-AT` → `de`), else English. Never fails.
    #[must_use]
    pub fn for_locale(locale: &str) -> &'static Self {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        let mut packs = Self::ALL.iter().copied();
        packs.find(|pack| pack.locale.eq_ignore_ascii_case(language)).unwrap_or(&packs::en::PACK)
    }

    /// The language of the pack, BCP 47.
    #[must_use]
    pub const fn locale(&self) -> &'static str {
        self.locale
    }

    /// The three questions that close an interview well.
    #[must_use]
    pub const fn closing_questions(&self) -> &[ClosingQuestion; 3] {
        &self.closing_questions
    }

    /// The same as text, one question a line, each with words in which to ask it.
    #[must_use]
    pub fn closing_text(&self) -> String {
        let (open, close) = self.quotes;
        let line = |question: &ClosingQuestion| {
            format!("- {} {open}{}{close}", question.short, question.wording)
        };
        self.closing_questions.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// By which name people are addressed in writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Address {
    FirstName,
    /// Where the first name alone would be too familiar.
    FullName,
}

/// A question to close an interview with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClosingQuestion {
    /// The question to have answered, in a few words.
    pub short: &'static str,
    /// Words in which to ask it.
    pub wording: &'static str,
}

/// A text with its subject line, both templates, without greeting and closing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letter {
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
}

/// How many different thank-you notes a pack has, so that the members of a panel get different ones.
pub(super) const THANK_YOUS: usize = 4;

/// The texts of everything that can be done.
pub(super) struct Letters {
    pub(super) thank_you: [Letter; THANK_YOUS],
    /// The first question where things stand, after a promised day.
    pub(super) promise_passed: Letter,
    /// The same when nothing was promised.
    pub(super) open_ended: Letter,
    /// Every further one.
    pub(super) once_more: Letter,
    pub(super) value_add: Letter,
    pub(super) fulfil: Letter,
    pub(super) offer_nudge: Letter,
    /// Notes for talking to the recruiter.
    pub(super) debrief: Letter,
    pub(super) ack_offer: Letter,
    pub(super) respond_offer: Letter,
    pub(super) gracious_reply: Letter,
    pub(super) ask_new_slot: Letter,
    pub(super) no_show_ping: Letter,
    pub(super) apologise: Letter,
    pub(super) withdrawal: Letter,
    pub(super) custom: Letter,
    /// A note of the candidate's own to themselves.
    pub(super) reminder: Letter,
    pub(super) prep_close: Letter,
    pub(super) log_debrief: Letter,
    pub(super) legal_notice: Letter,
    pub(super) close_out: Letter,
}

/// Sentences for optional blanks. They may hold blanks that have a value for certain.
pub(super) struct Clauses {
    pub(super) pass_on: &'static str,
    pub(super) thanks: &'static str,
    /// In a thank-you note.
    pub(super) timeline_question: &'static str,
    /// In a later message.
    pub(super) timeline_question_later: &'static str,
    pub(super) no_rush: &'static str,
    pub(super) last_call: &'static str,
    pub(super) first_choice: &'static str,
    pub(super) deadline_question: &'static str,
    pub(super) extension_question: &'static str,
}

/// What a commitment without a title is called.
pub(super) struct Deliverables {
    pub(super) references: &'static str,
    pub(super) writing_sample: &'static str,
    pub(super) recommendation_letter: &'static str,
    pub(super) portfolio: &'static str,
    pub(super) transcript: &'static str,
    pub(super) form: &'static str,
    pub(super) take_home: &'static str,
    pub(super) availability: &'static str,
    pub(super) salary_info: &'static str,
}

impl Deliverables {
    /// The name of that kind; `None` for something else.
    pub(super) const fn of(&self, kind: CommitmentKind) -> Option<&'static str> {
        Some(match kind {
            CommitmentKind::References => self.references,
            CommitmentKind::WritingSample => self.writing_sample,
            CommitmentKind::RecommendationLetter => self.recommendation_letter,
            CommitmentKind::Portfolio => self.portfolio,
            CommitmentKind::Transcript => self.transcript,
            CommitmentKind::Form => self.form,
            CommitmentKind::TakeHome => self.take_home,
            CommitmentKind::Availability => self.availability,
            CommitmentKind::SalaryInfo => self.salary_info,
            CommitmentKind::Other => return None,
        })
    }
}

/// A reminder on a locked phone.
pub(super) struct LockText {
    /// For eyes that should not understand it: names nobody.
    pub(super) discreet: &'static str,
    /// With `{who}`: the recipient and the employer, or their initials.
    pub(super) named: &'static str,
}

/// Reminders on a locked phone, by what they are about.
pub(super) struct LockScreenTexts {
    pub(super) title: &'static str,
    pub(super) test: &'static str,
    pub(super) thank_you: LockText,
    pub(super) follow_up: LockText,
    pub(super) value_add: LockText,
    pub(super) fulfil: LockText,
    pub(super) offer_nudge: LockText,
    pub(super) debrief: LockText,
    pub(super) ack_offer: LockText,
    pub(super) respond_offer: LockText,
    pub(super) gracious_reply: LockText,
    pub(super) ask_new_slot: LockText,
    pub(super) no_show_ping: LockText,
    pub(super) apologise: LockText,
    pub(super) withdrawal: LockText,
    pub(super) custom: LockText,
    pub(super) prep_close: LockText,
    pub(super) log_debrief: LockText,
    pub(super) legal_notice: LockText,
    pub(super) close_out: LockText,
}

impl LockScreenTexts {
    pub(super) const fn of(&self, kind: FollowUpKind) -> &LockText {
        match kind {
            FollowUpKind::ThankYou => &self.thank_you,
            FollowUpKind::FollowUp => &self.follow_up,
            FollowUpKind::ValueAdd => &self.value_add,
            FollowUpKind::Fulfil => &self.fulfil,
            FollowUpKind::OfferNudge => &self.offer_nudge,
            FollowUpKind::Debrief => &self.debrief,
            FollowUpKind::AckOffer => &self.ack_offer,
            FollowUpKind::RespondOffer => &self.respond_offer,
            FollowUpKind::GraciousReply => &self.gracious_reply,
            FollowUpKind::AskNewSlot => &self.ask_new_slot,
            FollowUpKind::NoShowPing => &self.no_show_ping,
            FollowUpKind::Apologise => &self.apologise,
            FollowUpKind::Withdrawal => &self.withdrawal,
            FollowUpKind::Custom => &self.custom,
            FollowUpKind::PrepClose => &self.prep_close,
            FollowUpKind::LogDebrief => &self.log_debrief,
            FollowUpKind::LegalNotice => &self.legal_notice,
            FollowUpKind::CloseOut => &self.close_out,
        }
    }
}

/// The words by which a text is checked. Phrases are words separated by spaces, compared without
/// case and accents; `*` at the end of a word stands for any ending.
pub(super) struct LintWords {
    /// What a greeting begins with.
    pub(super) greetings: &'static [&'static str],
    /// Words of a greeting that are no name.
    pub(super) titles: &'static [&'static str],
    /// Words of a greeting to several people or to nobody in particular.
    pub(super) groups: &'static [&'static str],
    pub(super) reproach: &'static [&'static str],
    /// Phrases that ask where things stand, wherever they are.
    pub(super) status: &'static [&'static str],
    /// Phrases that ask where things stand if their sentence is a question.
    pub(super) status_in_question: &'static [&'static str],
    pub(super) money: &'static [&'static str],
    pub(super) deadline: &'static [&'static str],
    pub(super) thanks: &'static [&'static str],
    pub(super) interest: &'static [&'static str],
    /// Words that say nothing about this conversation in particular, separated by spaces.
    pub(super) general: &'static str,
}

/// What a finding says; `{what}` is the place in the text or the number.
pub(super) struct FindingTexts {
    pub(super) slot: &'static str,
    pub(super) moment: &'static str,
    pub(super) name: &'static str,
    pub(super) other_employer: &'static str,
    pub(super) misspelt_employer: &'static str,
    pub(super) other_role: &'static str,
    pub(super) misspelt_role: &'static str,
    pub(super) reproach: &'static str,
    pub(super) money: &'static str,
    pub(super) length: &'static str,
    pub(super) overlap: &'static str,
    pub(super) status: &'static str,
    pub(super) exclamation: &'static str,
    pub(super) deadline: &'static str,
    pub(super) thanks: &'static str,
    pub(super) interest: &'static str,
}
