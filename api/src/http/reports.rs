//! Reports: what was done in a period, as JSON or as a table for a spreadsheet.
//!
//! **Must never** let a text become a formula of the spreadsheet.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Read;
use crate::dto::report::{Activity, ActivityReport};
use crate::error::{ApiError, Code};
use crate::http::query::Query;
use crate::openapi::ReadProblems;
use crate::planning::activity::{MAX_REPORT_DAYS, Period, Report, report};
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, VARY};
use actix_web::{HttpRequest, HttpResponse, get, web};
use afterview_domain::calendar::shift_days;
use afterview_domain::clock::CivilDate;
use afterview_domain::entities::parse::parse_date;

/// How many days before the last one a report begins unless asked otherwise.
const DEFAULT_DAYS: i32 = 30;

/// The columns of the table.
const COLUMNS: [&str; 11] = [
    "date",
    "at",
    "kind",
    "what",
    "employer",
    "role",
    "contact",
    "channel",
    "outcome",
    "opportunity_id",
    "record_id",
];

/// Report what was done
///
/// One row for everything that happened in a period, in the order of time: opportunities written down and
/// closed, interviews, messages sent, duties done, replies and offers. What a job centre asks for as evidence.
/// With `format=csv`, or if CSV is what the client accepts, the answer is a table (RFC 4180), in which a
/// text that a spreadsheet might take for a formula begins with an apostrophe.
#[utoipa::path(tag = "reports", operation_id = "getActivityReport", security(("bearer" = ["read"])),
    params(("from" = Option<String>, Query, format = Date, description = "The first day, in the candidate's zone; without it: 30 days before the last one."),
        ("to" = Option<String>, Query, format = Date, description = "The last day; without it: today. A report covers at most 366 days."),
        ("format" = Option<String>, Query, description = "json or csv; without it as the header Accept says, else json.")),
    responses((status = 200, description = "What was done.", content(
            (ActivityReport = "application/json"),
            (String = "text/csv", example = "date,at,kind,what,employer,role,contact,channel,outcome,opportunity_id,record_id\r\n2026-05-06,2026-05-06T18:00:00Z,interview,onsite,Acme,Data engineer,Anna Novak,,held,acme,i1\r\n"))),
        ReadProblems, (status = 422, response = crate::openapi::ProblemResponse)))]
#[get("/v1/reports/activity")]
pub async fn activity(
    request: HttpRequest,
    state: web::Data<AppState>,
    caller: Caller<Read>,
) -> Result<HttpResponse, ApiError> {
    let query = Query::of(&request, &["from", "to", "format"])?;
    let csv = match query.word("format", &["json", "csv"])? {
        Some(format) => format == "csv",
        None => accepts_csv(&request),
    };
    let (from, to) = (date(&query, "from")?, date(&query, "to")?);
    let (account_id, now) = (caller.account_id().to_owned(), state.clock.now());
    let made = state
        .store
        .read(caller.account_id(), move |connection| {
            report(connection, &account_id, now, |today| period(from, to, today))
        })
        .await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((VARY, "accept"));
    if !csv {
        return Ok(answer.json(served(made)));
    }
    let (from, to) = made.period;
    let name = format!("attachment; filename=\"activity-{from}-{to}.csv\"");
    answer.insert_header((CONTENT_DISPOSITION, name));
    answer.content_type("text/csv; charset=utf-8; header=present");
    Ok(answer.body(table(&made.items)?))
}

fn served(report: Report) -> ActivityReport {
    let (from, to) = report.period;
    ActivityReport {
        from: from.to_string(),
        to: to.to_string(),
        time_zone: report.time_zone.name().to_owned(),
        items: report.items,
    }
}

fn accepts_csv(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok());
    let types = accept.unwrap_or_default().split(',');
    let mut types = types.map(|one| one.split(';').next().unwrap_or_default().trim());
    types.any(|one| one.eq_ignore_ascii_case("text/csv"))
}

fn date(query: &Query, name: &str) -> Result<Option<CivilDate>, ApiError> {
    let Some(text) = query.text(name) else { return Ok(None) };
    match parse_date(text) {
        Ok(date) => Ok(Some(date)),
        Err((_, detail)) => {
            Err(ApiError::new(Code::InvalidParameter, format!("`{name}`: {detail}")))
        }
    }
}

fn period(
    from: Option<CivilDate>,
    to: Option<CivilDate>,
    today: CivilDate,
) -> Result<Period, ApiError> {
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| shift_days(to, -DEFAULT_DAYS));
    if from > to {
        let detail = "`from` must not come after `to`";
        return Err(ApiError::new(Code::InvalidParameter, detail));
    }
    if (to - from).num_days() >= MAX_REPORT_DAYS {
        let detail = format!("a report covers at most {MAX_REPORT_DAYS} days");
        return Err(ApiError::new(Code::LimitExceeded, detail));
    }
    Ok((from, to))
}

/// The table with its head.
fn table(items: &[Activity]) -> Result<Vec<u8>, ApiError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(ApiError::internal)?;
    for item in items {
        writer.write_record(cells(item).map(harmless)).map_err(ApiError::internal)?;
    }
    writer.into_inner().map_err(|error| ApiError::internal(error.to_string()))
}

fn cells(item: &Activity) -> [&str; COLUMNS.len()] {
    [
        &item.date,
        &item.at,
        &item.kind,
        item.what.as_deref().unwrap_or_default(),
        &item.employer,
        &item.role,
        item.contact.as_deref().unwrap_or_default(),
        item.channel.as_deref().unwrap_or_default(),
        item.outcome.as_deref().unwrap_or_default(),
        &item.opportunity_id,
        &item.record_id,
    ]
}

/// A text that no spreadsheet takes for a formula (OWASP, CSV Injection).
fn harmless(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠') => {
            format!("'{text}")
        }
        _ => text.to_owned(),
    }
}
