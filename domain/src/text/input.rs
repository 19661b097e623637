//! What a draft is made from.
//!
//! **Must never** know the planner's own types, but for the words of its flags.

use crate::clock::CivilDate;
use crate::entities::commitment::CommitmentKind;
use crate::entities::follow_up::FollowUpKind;
use crate::entities::opportunity::Interest;
use chrono::NaiveDateTime;
use std::collections::{BTreeMap, BTreeSet};

/// What a draft is made from: plain data, so that any caller can fill it.
#[derive(Debug, Clone, Copy)]
pub struct DraftInput<'a> {
    /// What is done.
    pub kind: FollowUpKind,
    /// First, second, … of its kind.
    pub n: Option<i64>,
    /// The flags of the planned item, as the planner spells them. Those that matter here:
    /// `ask_timeline`, `include_thanks`, `include_supplement`, `last_call`, `others_pending`,
    /// `confirm_deadline`, `via_recruiter`, `via_coordinator`.
    pub flags: &'a BTreeSet<String>,
    /// To whom it is written.
    pub recipient: Addressee<'a>,
    /// The employer's name.
    pub employer: &'a str,
    /// The job's title.
    pub role: &'a str,
    /// How much the candidate wants it.
    pub interest: Interest,
    /// The moment of the conversation that belongs to this recipient; see
    /// [`moment_for`](super::moment_for).
    pub moment: Option<&'a str>,
    /// Which of the interviewers it is for, from 0: the thank-you notes of a panel differ.
    pub variant: usize,
    /// The day of the conversation, in the office's zone.
    pub interview_day: Option<CivilDate>,
    /// The day on which the text is to be sent, in the office's zone.
    pub send_day: CivilDate,
    /// What was promised about the next step, if that counts.
    pub promise: Option<Promised<'a>>,
    /// New qualifications that nobody has shown them yet, by title.
    pub supplements: &'a [&'a str],
    /// What is handed over.
    pub deliverable: Option<Deliverable<'a>>,
    /// Until when an offer must be answered, in the office's zone.
    pub deadline: Option<NaiveDateTime>,
    /// What a custom one is about.
    pub title: Option<&'a str>,
    /// The candidate's name, when known.
    pub my_name: Option<&'a str>,
    /// Values that the candidate gave for blanks; they win over the facts. An empty one leaves the
    /// blank out where that is possible. Other names mean nothing.
    pub slots: &'a BTreeMap<String, String>,
    /// A subject line of the candidate's own in place of the pack's.
    pub own_subject: Option<&'a str>,
    /// A text of the candidate's own in place of the pack's.
    pub own_body: Option<&'a str>,
}

/// To whom a text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressee<'a> {
    /// Somebody known by this name.
    Person(&'a str),
    /// Somebody whose name is not known yet.
    Unnamed,
    /// The candidate: a note without greeting.
    Candidate,
}

/// What they said about the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promised<'a> {
    /// The words heard; may be empty.
    pub words: &'a str,
    /// The last day that they meant.
    pub by: Option<CivilDate>,
}

/// What is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deliverable<'a> {
    /// Its kind.
    pub kind: CommitmentKind,
    /// What exactly.
    pub title: Option<&'a str>,
}
