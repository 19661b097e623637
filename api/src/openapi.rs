//! The OpenAPI document: what is common to all operations, and the whole of it for the checked-in
//! copy. Operations and schemas come from where the routes are.
//!
//! **Must never** list a path by hand.

pub mod scopes;

use crate::error::{FieldProblem, Problem};
use std::collections::BTreeMap;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr,
    Response, ResponseBuilder,
};
use utoipa::{IntoResponses, PartialSchema, ToResponse};

/// Name of the one response that every failure has.
const PROBLEM: &str = "Problem";

const ABOUT: &str = "Advice for people who have just walked out of a job interview: to follow up, or not to follow up, \
when, and why.\n\nInstants are RFC 3339 in UTC; days are civil dates in the employer's office zone. Every failure is a \
problem document (RFC 9457). Texts that name one of a set of words may hold new words in later versions: clients must \
accept words that they do not know.";

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
    ("sync", "A copy of everything on every device."),
    ("promises", "Reading words as dates."),
    ("rules", "Why the advice is what it is."),
    ("system", "The service itself."),
];

/// The document before any route has added to it.
#[must_use]
pub fn base() -> OpenApi {
    let problem = Problem::schema();
    let components = ComponentsBuilder::new()
        .schema("Problem", problem)
        .schema("FieldProblem", FieldProblem::schema())
        .response(PROBLEM, problem_response())
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

/// Says of every public operation that it needs nothing, in the plainest form: an empty list.
pub fn without_empty_requirements(document: &mut OpenApi) {
    let nothing = [utoipa::openapi::SecurityRequirement::default()];
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            if operation.security.as_deref() == Some(&nothing) {
                operation.security = Some(Vec::new());
            }
        }
    }
}

/// Says of every operation what may happen to every request: that it comes too often, and, where it has a
/// body, that this comes too slowly.
pub fn with_what_may_happen_to_all(document: &mut OpenApi) {
    let problem = || RefOr::Ref(Ref::from_response_name(PROBLEM));
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let responses = &mut operation.responses.responses;
            responses.entry("429".to_owned()).or_insert_with(problem);
            if operation.request_body.is_some() {
                responses.entry("408".to_owned()).or_insert_with(problem);
            }
        }
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
