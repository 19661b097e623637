//! Tact as served: a score by points, and what the recipient sees.

use super::body;
use super::draft::FindingView;
use super::follow_up::{ReasonView, served};
use afterview_domain::calendar::BusinessOffice;
use afterview_domain::clock::Instant;
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use afterview_domain::entities::follow_up::OutboundChannel;
use afterview_domain::plan::{ManagerView, TactCheck, TactPoint};
use afterview_domain::text::manager_summary;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Points for one reason.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TactPoint)]
pub struct TactPointView {
    /// How many, negative for what is taken away.
    pub points: i32,
    /// For what.
    pub reason: ReasonView,
}

impl From<&TactPoint> for TactPointView {
    fn from(point: &TactPoint) -> Self {
        Self { points: point.points, reason: ReasonView::from(&point.reason) }
    }
}

/// How tactful something is at one moment.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Tact)]
pub struct TactView {
    /// The moment.
    #[schema(format = DateTime)]
    pub at: String,
    /// 0 to 100; absent where tact is not the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<i32>,
    /// What the score means: tactful, careful, risky or `do_not`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("tactful"))]
    pub band: Option<String>,
    /// The points of which the score is the sum, kept between 0 and 100.
    pub points: Vec<TactPointView>,
    /// What speaks against it besides.
    pub concerns: Vec<ReasonView>,
}

impl TactView {
    /// The judgement of something at `at`.
    #[must_use]
    pub fn new(check: &TactCheck, at: Instant) -> Self {
        Self {
            at: served(Some(at)).unwrap_or_default(),
            score: check.score.map(i32::from),
            band: check.band.map(|band| band.as_str().to_owned()),
            points: check.points.iter().map(TactPointView::from).collect(),
            concerns: check.concerns.iter().map(ReasonView::from).collect(),
        }
    }
}

/// One message that the employer received.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReceivedMessage {
    /// When it went out.
    #[schema(format = DateTime)]
    pub sent_at: String,
    /// What it was, such as `thank_you`.
    pub kind: String,
    /// By which way, when recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether it went to the very same person.
    pub to_same_person: bool,
}

/// The manager's-eye view: what the recipient has seen of the candidate.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ManagerView)]
pub struct ManagerViewDto {
    /// The view in words.
    pub summary: String,
    /// The office's date and time, without its offset.
    #[schema(examples("2026-05-12T10:00:00"))]
    pub local_time: String,
    /// The office's time zone.
    #[schema(examples("America/New_York"))]
    pub time_zone: String,
    /// Whether it is a business day inside the office's hours.
    pub in_office_hours: bool,
    /// What the employer received in the last 30 days, the newest first.
    pub received: Vec<ReceivedMessage>,
    /// Follow-ups that nobody has answered.
    pub unanswered: i32,
    /// The last day of the promise that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub promised_by: Option<String>,
    /// Whether that day has passed.
    pub is_past_promise: bool,
    /// Until when somebody there is away.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Date)]
    pub away_until: Option<String>,
    /// When somebody there last wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_reply_at: Option<String>,
}

impl ManagerViewDto {
    /// The view as served; `office` is the employer's.
    #[must_use]
    pub fn new(view: &ManagerView, office: &BusinessOffice) -> Self {
        let received = view.received.iter().map(|message| ReceivedMessage {
            sent_at: served(Some(message.at)).unwrap_or_default(),
            kind: message.kind.as_str().to_owned(),
            channel: message.channel.map(|channel| channel.as_str().to_owned()),
            to_same_person: message.to_same_person,
        });
        Self {
            summary: manager_summary(view),
            local_time: view.local_time.format("%Y-%m-%dT%H:%M:%S").to_string(),
            time_zone: office.zone().name().to_owned(),
            in_office_hours: view.in_office_hours,
            received: received.collect(),
            unanswered: i32::try_from(view.unanswered).unwrap_or(i32::MAX),
            promised_by: view.promised_by.map(|day| day.to_string()),
            is_past_promise: view.is_past_promise,
            away_until: view.away_until.map(|day| day.to_string()),
            last_reply_at: served(view.last_reply_at),
        }
    }
}

/// What somebody thinks of doing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct TactCheckBody {
    /// When.
    pub at: Option<Instant>,
    /// By which way.
    pub channel: Option<OutboundChannel>,
    /// To whom.
    pub to: Option<String>,
    /// Subject line.
    pub subject: Option<String>,
    /// The text.
    pub body: Option<String>,
}

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, need: Need::Optional, about }
}

static TACT_CHECK: Shape = Shape {
    name: "TactCheckRequest",
    about: "What somebody thinks of doing with a follow-up. Everything may be left out.",
    fields: &[
        field("at", Kind::Instant, "When, not in the past; without it: now."),
        field(
            "channel",
            Kind::Word(OutboundChannel::WORDS),
            "By which way; without it as planned.",
        ),
        field("to", Kind::Ref(Collection::Contacts), "To which contact; without it as planned."),
        field("subject", Kind::Text { min: 0, max: 300 }, "The subject line to read."),
        field(
            "body",
            Kind::Text { min: 0, max: 20_000 },
            "The text to read; without it the stored draft.",
        ),
    ],
};
body!(TactCheckBody, TACT_CHECK);

/// The judgement of a proposal.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TactCheck)]
pub struct TactCheckView {
    /// The follow-up.
    pub follow_up_id: String,
    /// How tactful the proposal is.
    pub tact: TactView,
    /// What the recipient sees at that moment; absent for notes to oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub manager_view: Option<ManagerViewDto>,
    /// What to look at again in the text; none where there is no text.
    pub findings: Vec<FindingView>,
    /// When the plan would do it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub do_at: Option<String>,
    /// How tactful it would be then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tact_at_do: Option<i32>,
}
