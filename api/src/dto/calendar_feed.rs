//! Bodies and answers about calendar feeds.

use super::auth::{field, text};
use super::body;
use crate::calendar::{Detail, show};
use crate::store::calendar_feeds::FeedRow;
use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::field::{Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const ABOUT_NAME: &str = "What calendar programs call it. Others may see it there.";
const ABOUT_DETAIL: &str = "How much of each event is told: private, only that there is an appointment or \
    a reminder; full, with employer, role, people and advice.";
const ABOUT_COMPONENTS: &str = "Which events there are.";
const ABOUT_ALARMS: &str = "Whether calendar programs are to remind: of interviews a day and an hour before, \
    of follow-ups when the app would.";

const DETAIL: Kind = Kind::Word(Detail::WORDS);
const COMPONENTS: Kind = Kind::Set { of: &show::COMPONENTS, min: 1, max: 2 };

/// What a new feed takes.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedBody {
    /// What calendar programs call it.
    pub name: String,
    /// How much of each event is told.
    pub detail: String,
    /// Which events there are.
    pub components: Vec<String>,
    /// Whether calendar programs are to remind.
    pub alarms: bool,
}

static FEED: Shape = Shape {
    name: "CalendarFeedRequest",
    about: "An address by which a calendar program reads the candidate's appointments.",
    fields: &[
        field("name", text(1, 100), Need::Default(r#""Appointments""#), ABOUT_NAME),
        field("detail", DETAIL, Need::Default(r#""private""#), ABOUT_DETAIL),
        field(
            "components",
            COMPONENTS,
            Need::Default(r#"["follow_ups","interviews"]"#),
            ABOUT_COMPONENTS,
        ),
        field("alarms", Kind::Bool, Need::Default("true"), ABOUT_ALARMS),
    ],
};
body!(FeedBody, FEED);

/// What is to change of a feed.
#[derive(Debug, Clone, Deserialize)]
pub struct FeedPatch {
    /// What calendar programs call it.
    pub name: Option<String>,
    /// How much of each event is told.
    pub detail: Option<String>,
    /// Which events there are.
    pub components: Option<Vec<String>>,
    /// Whether calendar programs are to remind.
    pub alarms: Option<bool>,
}

static PATCH: Shape = Shape {
    name: "CalendarFeedPatch",
    about: "What is to change of a calendar feed. Its address stays.",
    fields: &[
        field("name", text(1, 100), Need::Optional, ABOUT_NAME),
        field("detail", DETAIL, Need::Optional, ABOUT_DETAIL),
        field("components", COMPONENTS, Need::Optional, ABOUT_COMPONENTS),
        field("alarms", Kind::Bool, Need::Optional, ABOUT_ALARMS),
    ],
};
body!(FeedPatch, PATCH);

/// A calendar feed, without its address.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Its name.
    pub id: String,
    /// What calendar programs call it.
    #[schema(examples("Appointments"))]
    pub name: String,
    /// How much of each event is told: private or full.
    #[schema(examples("private"))]
    pub detail: String,
    /// Which events there are: `interviews`, `follow_ups`.
    pub components: Vec<String>,
    /// Whether calendar programs are to remind.
    pub alarms: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was read, to an hour; left out if never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub last_read_at: Option<String>,
}

impl From<FeedRow> for CalendarFeed {
    fn from(row: FeedRow) -> Self {
        let instant = |millis| format_instant(from_millis(millis));
        Self {
            id: row.feed_id,
            name: row.name,
            detail: row.detail,
            components: row.components.split(' ').map(str::to_owned).collect(),
            alarms: row.alarms != 0,
            created_at: instant(row.created_at),
            last_read_at: row.last_read_at.map(instant),
        }
    }
}

/// The calendar feeds of an account, oldest first.
#[derive(Serialize, ToSchema)]
pub struct CalendarFeedList {
    /// The feeds.
    pub items: Vec<CalendarFeed>,
}

/// A calendar feed with its address, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct NewCalendarFeed {
    /// What to subscribe to. Whoever has it reads the calendar. Left out of an answer that was given before
    /// under the same Idempotency-Key, because the server does not keep it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("https://afterview.example/calendar/….ics"))]
    pub url: Option<String>,
    /// Its name.
    pub id: String,
    /// What calendar programs call it.
    #[schema(examples("Appointments"))]
    pub name: String,
    /// How much of each event is told: private or full.
    #[schema(examples("private"))]
    pub detail: String,
    /// Which events there are: `interviews`, `follow_ups`.
    pub components: Vec<String>,
    /// Whether calendar programs are to remind.
    pub alarms: bool,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

impl NewCalendarFeed {
    /// The feed with its address, if that is known.
    #[must_use]
    pub fn of(url: Option<String>, feed: FeedRow) -> Self {
        let CalendarFeed { id, name, detail, components, alarms, created_at, .. } = feed.into();
        Self { url, id, name, detail, components, alarms, created_at }
    }
}
