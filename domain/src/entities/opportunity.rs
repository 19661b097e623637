//! An opportunity: one job with one employer, and how that employer's office works.

use super::field::{
    Field, Kind, LONG_TEXT, Shape, defaulted, optional, required, server, text, words,
};
use super::{Collection, FaultCode, FieldErrors};
use crate::clock::{CivilDate, CivilTime, Instant};
use serde::{Deserialize, Deserializer};

words! {
    /// How much the candidate wants this job.
    Interest { High = "high", Medium = "medium", Low = "low", Withdrawn = "withdrawn" }
}
words! {
    /// What the employer asked the candidate not to do.
    ContactPolicy {
        /// Nothing was said.
        None = "none",
        /// No telephone calls.
        NoCalls = "no_calls",
        /// No questions about where things stand.
        NoStatus = "no_status",
        /// No thank-you notes.
        NoThanks = "no_thanks",
        /// No contact but what they ask for.
        NoContact = "no_contact",
    }
}
words! {
    /// How the candidate closed the opportunity.
    Closed { Withdrawn = "withdrawn", PresumedClosed = "presumed_closed" }
}
words! {
    /// How the candidate came to the job.
    Source { Referral = "referral", Online = "online", Recruiter = "recruiter", Other = "other" }
}
words! {
    /// A day of the working week.
    Weekday { Mon = "Mon", Tue = "Tue", Wed = "Wed", Thu = "Thu", Fri = "Fri", Sat = "Sat", Sun = "Sun" }
}
words! {
    /// How sure the office's time zone is.
    ZoneSource { Stated = "stated", InferredFromPlace = "inferred_from_place", AssumedCandidate = "assumed_candidate" }
}

impl From<Weekday> for chrono::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Mon => Self::Mon,
            Weekday::Tue => Self::Tue,
            Weekday::Wed => Self::Wed,
            Weekday::Thu => Self::Thu,
            Weekday::Fri => Self::Fri,
            Weekday::Sat => Self::Sat,
            Weekday::Sun => Self::Sun,
        }
    }
}

/// The employer's office: the zone and calendar in which its days are counted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Office {
    /// A name for people, such as "Berlin".
    pub name: Option<String>,
    /// IANA zone; absent means that the candidate's own is assumed.
    #[serde(default, deserialize_with = "zone")]
    pub time_zone: Option<chrono_tz::Tz>,
    /// Working weekdays.
    pub work_week: Vec<Weekday>,
    /// Business calendar; absent means that only weekends are known.
    pub calendar: Option<String>,
    /// Extra days on which the office is closed.
    pub closures: Vec<CivilDate>,
    /// First minute at which a message is welcome.
    #[serde(deserialize_with = "time")]
    pub send_open: CivilTime,
    /// Last minute at which a message is welcome.
    #[serde(deserialize_with = "time")]
    pub send_close: CivilTime,
}

impl Office {
    /// An office about which nothing is known: Monday to Friday, the candidate's own zone.
    #[must_use]
    pub fn unknown() -> Self {
        use Weekday::{Fri, Mon, Thu, Tue, Wed};
        let at = |hour, minute| CivilTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        Self {
            name: None,
            time_zone: None,
            work_week: vec![Mon, Tue, Wed, Thu, Fri],
            calendar: None,
            closures: Vec::new(),
            send_open: at(8, 30),
            send_close: at(17, 30),
        }
    }
}

/// One job with one employer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Opportunity {
    /// Record identifier.
    pub id: String,
    /// The employer's name.
    pub employer: String,
    /// The job's title.
    pub role: String,
    /// Where and when the employer works.
    pub office: Office,
    /// Whether an agency stands in between.
    pub via_agency: bool,
    /// The agency's recruiter.
    pub agency_contact_id: Option<String>,
    /// How much the candidate wants it.
    pub interest: Interest,
    /// Since when the candidate is not interested any more.
    pub withdrawn_at: Option<Instant>,
    /// Set when the candidate closed it.
    pub closed: Option<Closed>,
    /// When that was.
    pub closed_at: Option<Instant>,
    /// What the employer asked not to do.
    pub contact_policy: ContactPolicy,
    /// ISO 3166-2 code of the place of work.
    pub region: Option<String>,
    /// Whether the employer has at least 25 people.
    pub employer_25_plus: Option<bool>,
    /// Whether the job was publicly advertised.
    pub public_posting: Option<bool>,
}

/// The row that every collection below an opportunity begins with.
pub(super) const OWNER: Field = required(
    "opportunity_id",
    Kind::Ref(Collection::Opportunities),
    "The opportunity that it belongs to.",
);

/// The fields of an office.
pub static OFFICE: Shape = Shape {
    name: "Office",
    about: "The employer's office: the zone and the calendar in which its days are counted.",
    fields: &[
        optional("name", text(1, 200), "A name for people, such as Berlin."),
        optional(
            "time_zone",
            Kind::TimeZone,
            "IANA time zone. Without it the candidate's own is assumed.",
        ),
        optional("time_zone_source", Kind::Word(ZoneSource::WORDS), "How sure the time zone is."),
        defaulted(
            "work_week",
            Kind::Set { of: &Kind::Word(Weekday::WORDS), min: 1, max: 6 },
            r#"["Fri","Mon","Thu","Tue","Wed"]"#,
            "Working weekdays, one to six.",
        ),
        optional(
            "calendar",
            Kind::Calendar,
            "Business calendar, such as US-FED. Without it only weekends are known.",
        ),
        defaulted(
            "closures",
            Kind::Set { of: &Kind::Date, min: 0, max: 366 },
            "[]",
            "Extra days on which the office is closed.",
        ),
        defaulted(
            "send_open",
            Kind::Time,
            r#""08:30""#,
            "First minute of the day at which a message is welcome.",
        ),
        defaulted(
            "send_close",
            Kind::Time,
            r#""17:30""#,
            "Last minute of the day at which a message is welcome.",
        ),
    ],
};

/// The office of an employer about whom nothing is known: every field as its table row says.
const DEFAULT_OFFICE: &str = r#"{"closures":[],"send_close":"17:30","send_open":"08:30","work_week":["Fri","Mon","Thu","Tue","Wed"]}"#;

/// The fields of an opportunity.
pub static SHAPE: Shape = Shape {
    name: "Opportunity",
    about: "One job with one employer.",
    fields: &[
        required("employer", text(1, 200), "The employer's name."),
        required("role", text(1, 200), "The job's title."),
        defaulted(
            "office",
            Kind::Object(&OFFICE),
            DEFAULT_OFFICE,
            "Where and when the employer works.",
        ),
        defaulted(
            "via_agency",
            Kind::Bool,
            "false",
            "Whether a recruitment agency stands in between.",
        ),
        optional("agency_contact_id", Kind::Ref(Collection::Contacts), "The agency's recruiter."),
        optional("source", Kind::Word(Source::WORDS), "How the candidate came to the job."),
        defaulted(
            "interest",
            Kind::Word(Interest::WORDS),
            r#""high""#,
            "How much the candidate wants it.",
        ),
        server("withdrawn_at", Kind::Instant, "Since when the interest is withdrawn."),
        optional(
            "closed",
            Kind::Word(Closed::WORDS),
            "Set when the candidate closed it. What is presumed closed opens again when they write.",
        ),
        server("closed_at", Kind::Instant, "When it was closed."),
        defaulted(
            "contact_policy",
            Kind::Word(ContactPolicy::WORDS),
            r#""none""#,
            "What the employer asked the candidate not to do.",
        ),
        optional(
            "contact_policy_source",
            text(1, 500),
            "Where that was said, in the candidate's words.",
        ),
        optional("region", text(2, 6), "ISO 3166-2 code of the place of work, such as CA-ON."),
        optional("employer_25_plus", Kind::Bool, "Whether the employer has at least 25 people."),
        optional("public_posting", Kind::Bool, "Whether the job was publicly advertised."),
        defaulted(
            "tags",
            Kind::Set { of: &text(1, 50), min: 0, max: 50 },
            "[]",
            "The candidate's own labels.",
        ),
        defaulted("notes", text(0, LONG_TEXT), r#""""#, "Free notes."),
    ],
};

/// What must hold between the fields.
pub(super) fn check(opportunity: &Opportunity, errors: &mut FieldErrors) {
    let office = &opportunity.office;
    if office.send_open >= office.send_close {
        let detail = "the office must open before it closes";
        errors.push("/office/send_open", FaultCode::Inconsistent, detail);
    }
}

fn zone<'de, D: Deserializer<'de>>(from: D) -> Result<Option<chrono_tz::Tz>, D::Error> {
    let name = Option::<String>::deserialize(from)?;
    name.map(|name| name.parse().map_err(serde::de::Error::custom)).transpose()
}

pub(super) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<CivilTime, D::Error> {
    let text = String::deserialize(from)?;
    CivilTime::parse_from_str(&text, "%H:%M").map_err(serde::de::Error::custom)
}

pub(super) fn optional_time<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<CivilTime>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    text.map(|text| CivilTime::parse_from_str(&text, "%H:%M").map_err(serde::de::Error::custom))
        .transpose()
}
