//! Small answers about the service itself.

use serde::Serialize;
use utoipa::ToSchema;

/// The limits of this server. Beyond them a request is refused, never cut short.
#[derive(Serialize, ToSchema)]
pub struct Limits {
    /// The most bytes of a request body, after decompression.
    #[schema(examples(1_048_576))]
    pub body_bytes: i64,
    /// The most bytes of one record's JSON text.
    #[schema(examples(262_144))]
    pub record_bytes: i64,
    /// The most bytes of one text.
    #[schema(examples(65_536))]
    pub text_bytes: i64,
    /// The most live records of an account.
    #[schema(examples(50_000))]
    pub live_records: i64,
    /// The most items of a page.
    #[schema(examples(200))]
    pub page_items: i64,
    /// The most mutations of one sync request.
    #[schema(examples(500))]
    pub sync_mutations: i64,
    /// The most bytes of a sync request, after decompression.
    #[schema(examples(4_194_304))]
    pub sync_body_bytes: i64,
    /// Most bytes of a push of WatermelonDB, after decompression.
    #[schema(examples(16_777_216))]
    pub watermelondb_body_bytes: i64,
    /// The most changes of one sync answer.
    #[schema(examples(1_000))]
    pub sync_changes: i64,
    /// About how many bytes the changes of one sync answer have at most. A larger record comes alone.
    #[schema(examples(2_097_152))]
    pub sync_answer_bytes: i64,
    /// For how many seconds an answer is kept under its Idempotency-Key.
    #[schema(examples(86_400))]
    pub idempotency_secs: i64,
    /// How many seconds an access token lives.
    #[schema(examples(900))]
    pub access_token_secs: i64,
    /// The most sessions of an account. A further sign-in ends the one that was used least recently.
    #[schema(examples(20))]
    pub sessions: i64,
    /// The most personal access tokens of an account.
    #[schema(examples(20))]
    pub access_tokens: i64,
    /// The most webhooks of an account.
    #[schema(examples(10))]
    pub webhooks: i64,
    /// The most calendar feeds of an account.
    #[schema(examples(10))]
    pub calendar_feeds: i64,
    /// The most days that a report covers.
    #[schema(examples(366))]
    pub report_days: i64,
    /// The most bytes of one import, after decompression.
    #[schema(examples(33_554_432))]
    pub import_bytes: i64,
    /// The most live streams of an account at the same time.
    #[schema(examples(20))]
    pub account_streams: i64,
    /// For how many days is kept what a change of a record replaced.
    #[schema(examples(400))]
    pub history_days: i64,
    /// For how many days a deletion can be taken back.
    #[schema(examples(180))]
    pub tombstone_days: i64,
}

/// A business calendar.
#[derive(Serialize, ToSchema)]
pub struct BusinessCalendar {
    /// What an office names.
    #[schema(examples("US-FED"))]
    pub id: String,
    /// What people call it.
    #[schema(examples("United States, federal"))]
    pub name: String,
    /// The country, ISO 3166-1; absent for the calendar without holidays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("US"))]
    pub country: Option<String>,
    /// First year with data.
    #[schema(examples(2024))]
    pub first_year: i32,
    /// Last year with all of its days; outside the years only weekends are known. Days that follow
    /// the moon or a later decree are estimates.
    #[schema(examples(2036))]
    pub last_year: i32,
}

/// The known business calendars.
#[derive(Serialize, ToSchema)]
pub struct CalendarList {
    /// Version of the holiday data.
    pub version: String,
    /// The calendars by id.
    pub items: Vec<BusinessCalendar>,
}

/// Whether the server can do its work.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`, or `reads_only`.
    #[schema(examples("ok"))]
    pub status: String,
    /// What is wrong, if anything is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("the disk of the database is full"))]
    pub detail: Option<String>,
}
