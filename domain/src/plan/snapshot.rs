//! Everything that the planner may know about one opportunity.

use crate::entities::{
    Commitment, Contact, Expectation, FollowUp, Interview, Offer, Opportunity, Preferences, Reply,
    Supplement,
};

/// The facts of one opportunity. The order within a list means nothing.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The opportunity itself.
    pub opportunity: Opportunity,
    /// The people known; one who is missing is taken to have an e-mail and a postal address.
    pub contacts: Vec<Contact>,
    /// Its interviews, whatever became of them.
    pub interviews: Vec<Interview>,
    /// What they promised, with the stored reading of the words.
    pub expectations: Vec<Expectation>,
    /// What the candidate owes them.
    pub commitments: Vec<Commitment>,
    /// What the candidate did, put off or decided against, and the custom ones.
    pub follow_ups: Vec<FollowUp>,
    /// What came back.
    pub replies: Vec<Reply>,
    /// Offers of this opportunity.
    pub offers: Vec<Offer>,
    /// Offers of other opportunities of the same candidate.
    pub offers_elsewhere: Vec<Offer>,
    /// Whether other opportunities of the same candidate are still open.
    pub others_pending: bool,
    /// Qualifications that may be added, of this opportunity or of none in particular.
    pub supplements: Vec<Supplement>,
    /// The candidate's settings.
    pub preferences: Preferences,
}
