//! The events that the server sends, under `webhooks` of the document.
//!
//! Schemas and examples come from the types that are sent. **Must never** name an event that is not.

use crate::dto::schema::{Schemas, reference, to_schema};
use crate::dto::webhook_events::{
    self as events, Envelope, FollowUpDueData, FollowUpMovedData, FollowUpSentData,
    InterviewEventData, OpportunityClosedData, PromiseMissedData, ReplyRecordedData,
    WebhookTestData,
};
use afterview_domain::clock::from_millis;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem,
    Paths, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, ResponseBuilder, Type,
};
use utoipa::{PartialSchema, ToSchema};

/// When the examples happen, Unix milliseconds.
const EXAMPLE_AT: i64 = 1_778_158_800_000;

/// An event as the document describes it.
struct Event {
    kind: &'static str,
    id: &'static str,
    summary: &'static str,
    about: &'static str,
    data: (String, RefOr<utoipa::openapi::Schema>),
    example: Value,
}

fn event<T: ToSchema + PartialSchema + Serialize>(
    kind: &'static str,
    id: &'static str,
    (summary, about): (&'static str, &'static str),
    data: T,
) -> Event {
    let (name, schema) = (T::name().into_owned(), T::schema());
    let body = Envelope::body(kind, from_millis(EXAMPLE_AT), data).unwrap_or_default();
    let example = serde_json::from_str(&body).unwrap_or_default();
    Event { kind, id, summary, about, data: (name, schema), example }
}

/// Adds the events to the document.
pub(super) fn describe(document: &mut OpenApi) {
    let (mut paths, mut schemas) = (PathsBuilder::new(), Schemas::new());
    for event in all() {
        let name = envelope_name(event.id);
        schemas.push((name.clone(), envelope(&event)));
        let item = PathItem::new(HttpMethod::Post, operation(&event, &name));
        paths = paths.path(event.kind, item);
        schemas.push(event.data);
    }
    let paths: Paths = paths.build();
    document.webhooks = Some(paths);
    let components = document.components.get_or_insert_default();
    components.schemas.extend(schemas);
}

/// `onFollowUpDue` → `FollowUpDueEvent`.
fn envelope_name(id: &str) -> String {
    format!("{}Event", id.trim_start_matches("on"))
}

fn envelope(event: &Event) -> RefOr<utoipa::openapi::Schema> {
    to_schema(json!({
        "type": "object",
        "description": format!("The body of `{}`.", event.kind),
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": { "type": "string", "description": "The name of the event.", "examples": [event.kind] },
            "timestamp": { "type": "string", "format": "date-time", "description": "When it happened." },
            "data": { "$ref": reference(&event.data.0) }
        }
    }))
}

fn operation(event: &Event, schema: &str) -> Operation {
    let body = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .example(Some(event.example.clone()))
        .build();
    let body = RequestBodyBuilder::new()
        .description(Some("The event. Later versions may add fields."))
        .content("application/json", body)
        .required(Some(Required::True))
        .build();
    let taken = "Taken. Answer within 15 seconds, before you do the work.";
    let gone = "Gone: nothing is sent to this webhook any more.";
    let answer = |about: &str| ResponseBuilder::new().description(about).build();
    let mut operation = OperationBuilder::new()
        .tag("events")
        .operation_id(Some(event.id))
        .summary(Some(event.summary))
        .description(Some(event.about))
        .request_body(Some(body))
        .response("2XX", answer(taken))
        .response("410", answer(gone));
    for parameter in headers() {
        operation = operation.parameter(parameter);
    }
    let mut operation = operation.build();
    // The receiver knows the sender by the signature.
    operation.security = Some(Vec::new());
    operation
}

fn headers() -> [Parameter; 3] {
    let header = |name: &str, about: &str, kind: Type, example: Value| {
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(about))
            .schema(Some(ObjectBuilder::new().schema_type(kind).examples([example]).build()))
            .build()
    };
    [
        header(
            "webhook-id",
            "Names the event, the same each time that it is sent: do not handle one twice.",
            Type::String,
            json!("019e025c-1580-7c3d-8a55-3b6f0c1d2e4f"),
        ),
        header(
            "webhook-timestamp",
            "When it is sent, Unix seconds. Refuse what is older than a few minutes.",
            Type::Integer,
            json!(EXAMPLE_AT / 1_000),
        ),
        header(
            "webhook-signature",
            "`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; several are separated by blanks, and one that is right is enough.",
            Type::String,
            json!("v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="),
        ),
    ]
}

fn all() -> Vec<Event> {
    [follow_ups(), records(), vec![test()]].into_iter().flatten().collect()
}

const ACME: &str = "Acme";

fn text(text: &str) -> String {
    text.to_owned()
}

fn follow_ups() -> Vec<Event> {
    let (follow_up_id, opportunity_id) =
        (text("acb84dc0-78e9-5d1a-aecd-c290d128f679"), text("acme"));
    let due = FollowUpDueData {
        follow_up_id: follow_up_id.clone(),
        opportunity_id: opportunity_id.clone(),
        employer: text(ACME),
        kind: text("thank_you"),
        remind_at: text("2026-05-07T13:00:00Z"),
        useful_until: text("2026-05-08T19:00:00Z"),
    };
    let sent = FollowUpSentData {
        follow_up_id: follow_up_id.clone(),
        opportunity_id: opportunity_id.clone(),
        employer: text(ACME),
        kind: text("thank_you"),
        interview_id: Some(text("i1")),
        channel: Some(text("email")),
        sent_at: Some(text("2026-05-07T13:00:00Z")),
        rev: EXAMPLE_AT,
    };
    let moved = FollowUpMovedData {
        follow_up_id,
        opportunity_id,
        employer: text(ACME),
        kind: text("follow_up"),
        before: Some(text("2026-05-13T14:00:00Z")),
        after: Some(text("2026-05-18T14:00:00Z")),
        rule: Some(text("F1-PROMISE")),
    };
    vec![
        event(
            events::FOLLOW_UP_DUE,
            "onFollowUpDue",
            (
                "A follow-up is due",
                "Sent when the candidate is reminded of it, once for each reminder, whether a device could be reached or not. Not in the quiet hours.",
            ),
            due,
        ),
        event(
            events::FOLLOW_UP_SENT,
            "onFollowUpSent",
            ("A follow-up was sent", "The candidate recorded that it was sent."),
            sent,
        ),
        event(
            events::FOLLOW_UP_MOVED,
            "onFollowUpMoved",
            (
                "A follow-up was moved",
                "A write, such as a new promise, put the window of a planned follow-up elsewhere. What time alone moves is not told.",
            ),
            moved,
        ),
    ]
}

fn interview() -> InterviewEventData {
    InterviewEventData {
        interview_id: text("i1"),
        opportunity_id: text("acme"),
        employer: text(ACME),
        kind: text("onsite"),
        status: text("held"),
        starts_at: text("2026-05-06T18:00:00Z"),
        ends_at: text("2026-05-06T19:00:00Z"),
        rev: EXAMPLE_AT,
    }
}

fn records() -> Vec<Event> {
    let missed = PromiseMissedData {
        expectation_id: text("p1"),
        opportunity_id: text("acme"),
        employer: text(ACME),
        subject: text("decision"),
        by: Some(text("2026-05-06")),
        rev: EXAMPLE_AT,
    };
    let reply = ReplyRecordedData {
        reply_id: text("r1"),
        opportunity_id: text("acme"),
        employer: text(ACME),
        kind: text("next_round"),
        at: text("2026-05-07T12:58:00Z"),
        rev: EXAMPLE_AT,
    };
    let closed = OpportunityClosedData {
        opportunity_id: text("acme"),
        employer: text(ACME),
        role: text("Data engineer"),
        closed: text("withdrawn"),
        closed_at: Some(text("2026-05-07T13:00:00Z")),
        rev: EXAMPLE_AT,
    };
    vec![
        event(
            events::INTERVIEW_CREATED,
            "onInterviewCreated",
            ("An interview was recorded", "There is an interview that was not there before."),
            interview(),
        ),
        event(
            events::INTERVIEW_UPDATED,
            "onInterviewUpdated",
            (
                "An interview was changed",
                "Its times, its status or something else of it changed; a debrief does that, too.",
            ),
            interview(),
        ),
        event(
            events::PROMISE_MISSED,
            "onPromiseMissed",
            ("A promise was missed", "The last promised day has passed, and nothing came."),
            missed,
        ),
        event(
            events::REPLY_RECORDED,
            "onReplyRecorded",
            (
                "A reply was recorded",
                "The candidate recorded that something came back from the employer.",
            ),
            reply,
        ),
        event(
            events::OPPORTUNITY_CLOSED,
            "onOpportunityClosed",
            (
                "An opportunity was closed",
                "The candidate closed it. Opened again and closed again, it is told again.",
            ),
            closed,
        ),
    ]
}

fn test() -> Event {
    let data = WebhookTestData { webhook_id: text("0192f0c1-7b1a-7c3d-8a55-3b6f0c1d2e4f") };
    event(
        events::TEST,
        "onWebhookTest",
        (
            "Somebody tries the webhook",
            "Sent at once and once, because `POST /v1/webhooks/{id}/test` asked for it, whichever events were chosen.",
        ),
        data,
    )
}
