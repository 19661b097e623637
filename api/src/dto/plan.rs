//! Plans and agendas as served.

use super::follow_up::{FollowUpView, ReasonView};
use super::schema::{self, Side};
use crate::planning::simulation::{COLLECTIONS, MAX_FACTS};
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind, Need, Shape};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// What to do about one opportunity, as of one moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
pub struct PlanView {
    /// The opportunity.
    pub opportunity_id: String,
    /// The employer's name.
    #[schema(examples("Acme"))]
    pub employer: String,
    /// The job's title.
    #[schema(examples("Data engineer"))]
    pub role: String,
    /// The moment for which the plan holds.
    #[schema(format = DateTime, examples("2026-05-06T19:30:00Z"))]
    pub now: String,
    /// Where the opportunity stands, such as `waiting_them`. Clients must accept other words too.
    #[schema(examples("waiting_them"))]
    pub state: String,
    /// Who has to move: me, them or nobody.
    #[schema(examples("them"))]
    pub ball: String,
    /// Since when they have been waited for: the last meeting, delivery or word of theirs. Absent while
    /// it is not their turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub waiting_since: Option<String>,
    /// Business days of their office since then. Grows at their midnight, whatever `next_change_at`
    /// says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_business_days: Option<i32>,
    /// The answer in one sentence.
    pub headline: ReasonView,
    /// What to do, the most pressing first, blocked ones last.
    pub items: Vec<FollowUpView>,
    /// What the last write that moved something moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_change: Option<PlanChanges>,
    /// The next moment at which the plan changes although the facts do not; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_change_at: Option<String>,
    /// The policy that made the plan.
    pub policy_version: String,
    /// The holiday data that made the plan.
    pub calendar_version: String,
}

/// What would be if more were true.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Simulation)]
pub struct SimulationView {
    /// The plan.
    pub plan: PlanView,
    /// How it differs from the plan without the hypothetical facts at the same moment.
    pub changes: Vec<PlanChangeView>,
}

static SUPPOSED_SENT: Shape = Shape {
    name: "SupposedSent",
    about: "An open follow-up that is supposed to have gone out.",
    fields: &[
        Field {
            name: "follow_up_id",
            kind: Kind::Ref(Collection::FollowUps),
            need: Need::Required,
            about: "The follow-up.",
        },
        Field {
            name: "sent_at",
            kind: Kind::Instant,
            need: Need::Optional,
            about: "When, not after `now`; without it: `now`.",
        },
    ],
};

/// Hypothetical facts; their members are checked like records.
pub struct SimulateBody;

impl utoipa::PartialSchema for SimulateBody {
    fn schema() -> RefOr<Schema> {
        let mut properties = serde_json::Map::new();
        let about = "The moment for which to plan; without it: now.";
        let now = json!({ "type": "string", "format": "date-time", "description": about });
        properties.insert("now".to_owned(), now);
        let patch = json!({ "$ref": schema::reference("OpportunityPatch") });
        properties.insert("opportunity".to_owned(), patch);
        let facts = COLLECTIONS.map(|collection| (collection.as_str(), supposed(collection)));
        let sent = ("sent", SUPPOSED_SENT.name.to_owned());
        for (name, item) in facts.into_iter().chain([sent]) {
            let about = format!("Supposed: {}.", name.replace('_', " "));
            let items = json!({ "$ref": schema::reference(&item) });
            let list = json!({ "type": "array", "description": about, "items": items, "maxItems": MAX_FACTS });
            properties.insert(name.to_owned(), list);
        }
        let about = "Facts to suppose besides the stored ones. One with the id of a stored record stands in for it; `opportunity_id` may be left out.";
        let body = json!({ "type": "object", "description": about, "properties": properties, "additionalProperties": false });
        schema::to_schema(body)
    }
}

impl ToSchema for SimulateBody {
    fn name() -> std::borrow::Cow<'static, str> {
        "SimulateRequest".into()
    }

    fn schemas(into: &mut schema::Schemas) {
        into.push((SUPPOSED_SENT.name.to_owned(), schema::of_shape(&SUPPOSED_SENT, Side::Create)));
        for collection in COLLECTIONS {
            let schema = schema::of_record(collection.shape(), Side::Create);
            into.push((supposed(collection), schema::with_optional(schema, "opportunity_id")));
        }
    }
}

/// The name of a supposed record: one whose opportunity is that of the plan if it names none.
fn supposed(collection: Collection) -> String {
    format!("Supposed{}", collection.shape().name)
}

/// What one write changed in a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanChanges {
    /// When it was written.
    #[schema(format = DateTime)]
    pub at: String,
    /// The changes, in the order of the plan, then what left it.
    pub items: Vec<PlanChangeView>,
}

/// One change of a plan.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = PlanChange)]
pub struct PlanChangeView {
    /// added, removed, moved, blocked or unblocked. Clients must accept other words too.
    #[schema(examples("moved"))]
    pub change: String,
    /// The follow-up.
    pub follow_up_id: String,
    /// What it is, such as `follow_up`.
    pub kind: String,
    /// The change in one line, with times of the office.
    #[schema(examples("Moved to Wednesday 27 May at 10:00: ask where things stand."))]
    pub text: String,
    /// Its best moment before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub before: Option<String>,
    /// Its best moment now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub after: Option<String>,
    /// The rule that changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub because: Option<ReasonView>,
}

/// Every open item of every opportunity.
#[derive(Debug, Serialize, ToSchema)]
pub struct Agenda {
    /// What to do, the most pressing first, blocked ones last.
    pub items: Vec<FollowUpView>,
    /// The next moment at which the agenda changes although the facts do not; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub next_change_at: Option<String>,
}
