//! The blanks of a draft.
//!
//! **Must never** hold a value; those come from the facts.

/// Declares the blanks, once: their names, and a hint for each in every language pack.
macro_rules! slots {
    ($($(#[$doc:meta])* $variant:ident = $field:ident),+ $(,)?) => {
        /// A blank of a draft, written `{name}` in a text.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SlotName {
            $($(#[$doc])* $variant),+
        }

        impl SlotName {
            /// Every blank.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name between the braces.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => stringify!($field)),+ }
            }

            /// The blank of that name.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|slot| slot.as_str() == word)
            }
        }

        /// What to write into each blank, in the language of a pack.
        pub(super) struct Hints {
            $(pub(super) $field: &'static str),+
        }

        impl Hints {
            pub(super) const fn of(&self, slot: SlotName) -> &'static str {
                match slot { $(SlotName::$variant => self.$field),+ }
            }
        }
    };
}

slots! {
    /// How the recipient is addressed: by the first name, or in languages where that would be too
    /// familiar by the full one.
    FirstName = first_name,
    /// The recipient's full name.
    FullName = full_name,
    /// The job's title.
    Role = role,
    /// The employer's name.
    Employer = employer,
    /// On which day the conversation was, seen from the day of sending.
    When = when,
    /// A specific moment of the conversation.
    Moment = moment,
    /// Why that moment matters: completes "because …".
    Fit = fit,
    /// Thanks that could not be said in time.
    Thanks = thanks,
    /// A new qualification.
    Supplement = supplement,
    /// What is handed over.
    Deliverable = deliverable,
    /// The words heard about the next step, in quotation marks, or else the day they meant.
    PromiseWords = promise_words,
    /// The question when to expect the next step.
    TimelineQuestion = timeline_question,
    /// A line that takes the pressure off.
    NoRush = no_rush,
    /// The line that makes a last message easy to answer.
    LastCall = last_call,
    /// Until when an offer must be answered.
    Deadline = deadline,
    /// The question for that day, when it is not known.
    DeadlineQuestion = deadline_question,
    /// That this job comes first.
    FirstChoice = first_choice,
    /// The answer to an offer.
    Answer = answer,
    /// The question for more time.
    ExtensionQuestion = extension_question,
    /// Times that suit the candidate.
    ProposedTimes = proposed_times,
    /// How a conversation went.
    Impression = impression,
    /// A short reason.
    Reason = reason,
    /// The text of a message that no template fits.
    Message = message,
    /// What a follow-up of the candidate's own is about.
    Title = title,
    /// Asks whoever stands in between to hand the note on.
    PassOn = pass_on,
    /// The candidate's name under the text.
    MyName = my_name,
}
