//! The OpenAPI document: what is common to all operations, and the whole of it for the checked-in
//! copy. Operations and schemas come from where the routes are.
//!
//! **Must never** list a path by hand.

mod examples;
pub mod scopes;
mod types;
mod webhooks;
mod words;

use crate::dto::sync_pull::SnapshotLine;
use crate::error::{FieldProblem, Problem};
use crate::http::rxdb::PLAIN;
use std::collections::BTreeMap;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, ContactBuilder, Content, InfoBuilder, License, ObjectBuilder, OpenApi,
    OpenApiBuilder, Ref, RefOr, Response, ResponseBuilder, Type,
};
use utoipa::{IntoResponses, PartialSchema, ToResponse};

/// Name of the one response that every failure has.
const PROBLEM: &str = "Problem";

const ABOUT: &str = "Advice for people who have just walked out of a job interview: to follow up, or not to follow up, \
when, and why.\n\nInstants are RFC 3339 in UTC; days are civil dates in the employer's office zone. Every failure is a \
problem document (RFC 9457). Texts that name one of a set of words may hold new words in later versions: clients must \
accept words that they do not know. A member without a value is left out of every answer; where one may be left \
out of a body, `null` is read as leaving it out, and in a merge patch (RFC 7396) as clearing it. No text may hold \
U+0000.";

/// The tags in the order of the document, with one sentence each.
const TAGS: &[(&str, &str)] = &[
    ("auth", "Signing up, in, on and out; sessions, tokens and keys."),
    ("account", "The account itself."),
    ("opportunities", "Jobs being pursued, and the plan for each."),
    ("interviews", "Conversations, and the debrief after them."),
    ("follow-ups", "What to do and what was done."),
    ("agenda", "What to do across all opportunities."),
    ("contacts", "People met or to be written to."),
    ("expectations", "What they promised."),
    ("commitments", "What the candidate owes them."),
    ("replies", "What came back."),
    ("offers", "Offers of a job."),
    ("supplements", "Qualifications that may be added."),
    ("calendar feeds", "Calendars to which calendar programs subscribe."),
    ("reports", "What was done in a period, for others."),
    ("preferences", "The candidate's settings."),
    ("devices", "What each device says about itself."),
    ("notifications", "What became of reminders."),
    ("webhooks", "Where events are sent."),
    ("events", "What is sent there."),
    ("sync", "A copy of everything on every device."),
    ("compat", "Sync in the dialects of other people's libraries."),
    ("promises", "Reading words as dates."),
    ("rules", "Why the advice is what it is."),
    ("system", "The service itself."),
];

/// Name of the response that failures have where no JSON may come.
const PLAIN_PROBLEM: &str = "PlainProblem";

/// The document before any route has added to it.
#[must_use]
pub fn base() -> OpenApi {
    let problem = Problem::schema();
    let components = ComponentsBuilder::new()
        .schema("Problem", problem)
        .schema("FieldProblem", FieldProblem::schema())
        // A line of a text is no body, so no operation brings its schema along.
        .schema("SnapshotLine", SnapshotLine::schema())
        .response(PROBLEM, problem_response())
        .response(PLAIN_PROBLEM, plain_response())
        .security_scheme(
            "bearer",
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .bearer_format("JWT")
                    .description(Some("The access token of a session, from `/v1/auth/register`, `/login` or `/refresh`."))
                    .build(),
            ),
        )
        .build();
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Afterview")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .contact(Some(ContactBuilder::new().name(Some("The people who make Afterview")).build()))
        .license(Some(license))
        .build();
    let tags = TAGS
        .iter()
        .map(|(name, about)| TagBuilder::new().name(*name).description(Some(*about)).build());
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([utoipa::openapi::Server::new("/")]))
        .components(Some(components))
        .tags(Some(tags))
        .build()
}

/// Says what is true of all operations, once every route has added to the document.
pub fn complete(document: &mut OpenApi) {
    for operation in operations_of(document) {
        without_empty_requirement(operation);
        with_what_may_happen_to_all(operation);
    }
    let plain = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with(PLAIN));
    plain.flat_map(|(_, item)| operations_at(item)).for_each(with_plain_failures);
    webhooks::describe(document);
    types::plain(document);
    types::bodies(document);
    words::name(document);
    examples::show(document);
}

/// Every operation of the document.
fn operations_of(document: &mut OpenApi) -> impl Iterator<Item = &mut Operation> {
    document.paths.paths.values_mut().flat_map(operations_at)
}

/// Every operation of one address.
fn operations_at(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

/// Says of an operation that its failures are plain text.
fn with_plain_failures(operation: &mut Operation) {
    let responses = operation.responses.responses.iter_mut();
    for (_, response) in responses.filter(|(status, _)| !status.starts_with('2')) {
        *response = RefOr::Ref(Ref::from_response_name(PLAIN_PROBLEM));
    }
}

/// Says of a public operation that it needs nothing, in the plainest form: an empty list.
fn without_empty_requirement(operation: &mut Operation) {
    let nothing = [utoipa::openapi::SecurityRequirement::default()];
    if operation.security.as_deref() == Some(&nothing) {
        operation.security = Some(Vec::new());
    }
}

/// Says what may happen to every request: that it comes too often, and, where it has a body, that this comes
/// too slowly.
fn with_what_may_happen_to_all(operation: &mut Operation) {
    let problem = || RefOr::Ref(Ref::from_response_name(PROBLEM));
    let responses = &mut operation.responses.responses;
    responses.entry("429".to_owned()).or_insert_with(problem);
    if operation.request_body.is_some() {
        responses.entry("408".to_owned()).or_insert_with(problem);
    }
}

/// The document as checked in and served: pretty JSON with a newline at the end.
///
/// # Errors
/// Never in practice: the document always has a JSON form.
pub fn to_text(document: &OpenApi) -> Result<String, serde_json::Error> {
    document.to_pretty_json().map(|text| text + "\n")
}

fn problem_response() -> Response {
    let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
    ResponseBuilder::new()
        .description("The request failed; the body says why.")
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}

fn plain_response() -> Response {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .examples(["unauthenticated: no access token"]);
    ResponseBuilder::new()
        .description("The request failed; the text says why.")
        .content("text/plain", Content::new(Some(text.build())))
        .build()
}

/// The one response that every failure has.
pub struct ProblemResponse;

impl<'r> ToResponse<'r> for ProblemResponse {
    fn response() -> (&'r str, RefOr<Response>) {
        (PROBLEM, RefOr::T(problem_response()))
    }
}

/// Declares a set of failures that an operation can have.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: [$($status:literal),+];)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let problem = || RefOr::Ref(Ref::from_response_name(PROBLEM));
                    [$($status),+].into_iter().map(|status| (status.to_owned(), problem())).collect()
                }
            }
        )+
    };
}

problems! {
    /// Failures of reading with a token.
    ReadProblems: ["400", "401", "403", "404", "503"];
    /// Failures of writing with a token.
    WriteProblems: ["400", "401", "403", "404", "409", "412", "413", "415", "422", "503"];
    /// Failures of signing up, in and on.
    SignInProblems: ["400", "401", "409", "413", "415", "422", "503"];
    /// Failures of opening a live stream.
    StreamProblems: ["400", "401", "403", "429", "503"];
    /// Failures of the service itself.
    SystemProblems: ["400", "503"];
}
