//! The page that the link in a mail leads to: a new password for whoever forgot the old one.
//!
//! **Must never** look the token up before a form is sent: programs that check mail open its links.

use crate::app::AppState;
use crate::auth::password_changes;
use crate::dto::Body;
use crate::dto::account::ResetBody;
use crate::error::{ApiError, Code};
use crate::http::forms::Form;
use crate::http::pages::page;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use maud::{Markup, html};

const TITLE: &str = "Set a new password";
const AGAIN: &str = "Please try again to set a new password";

/// The page for a new password
///
/// What the link in the mail opens: a form. Nothing is looked up before it is sent.
#[utoipa::path(tag = "auth", operation_id = "getResetPage", security(()),
    params(("token" = String, Query, description = "The token of the mail.")),
    responses((status = 200, description = "The form.", body = String, content_type = "text/html"),
        (status = 400, description = "A page: the address has no token.", body = String, content_type = "text/html")))]
#[get("/account/reset")]
pub async fn show(request: HttpRequest) -> HttpResponse {
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let fields = query.map(web::Query::into_inner).unwrap_or_default();
    let token = fields.into_iter().find(|(name, token)| name == "token" && !token.is_empty());
    match token {
        Some((_, token)) => page(StatusCode::OK, TITLE, &form(&token, None, false)),
        None => broken_link(),
    }
}

/// Send the page for a new password
///
/// As `POST /v1/auth/password/reset`, for people; the answer is a page.
#[utoipa::path(tag = "auth", operation_id = "submitResetPage", security(()),
    request_body(content = ResetBody, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A page: the password is set.", body = String, content_type = "text/html"),
        (status = 400, description = "A page: the token is not valid, or the form cannot be read.", body = String, content_type = "text/html"),
        (status = 413, description = "A page: the form is too long.", body = String, content_type = "text/html"),
        (status = 415, description = "A page: this is no form.", body = String, content_type = "text/html"),
        (status = 422, description = "The form again: the password will not do.", body = String, content_type = "text/html"),
        (status = 503, description = "The form again: not now.", body = String, content_type = "text/html")))]
#[post("/account/reset")]
pub async fn submit(state: web::Data<AppState>, Form(fields): Form) -> HttpResponse {
    let fields = match fields {
        Ok(fields) => fields,
        Err(error) => return refused(&error, ""),
    };
    let token = fields.get("token").and_then(|token| token.as_str()).unwrap_or_default();
    let done = match ResetBody::read(&fields) {
        Ok(body) => password_changes::reset(&state, body).await,
        Err(faults) => Err(faults),
    };
    match done {
        Ok(()) => page(StatusCode::OK, "Your new password is set", &done_content()),
        Err(error) => refused(&error, token),
    }
}

/// What went wrong, in plain words, and the form again where another try may help.
fn refused(error: &ApiError, token: &str) -> HttpResponse {
    error.record();
    let status = error.code().status();
    let problem = error.problem();
    match error.code() {
        Code::InvalidResetToken => broken_link(),
        Code::ValidationFailed if problem.errors.iter().any(|at| at.pointer != "/new_password") => {
            broken_link()
        }
        Code::ValidationFailed => {
            let fault =
                "This password will not do: it needs 10 to 200 characters, not only spaces.";
            page(status, AGAIN, &form(token, Some(fault), true))
        }
        Code::Unavailable | Code::Internal => {
            let fault =
                "Nothing was changed: something is wrong here. Please try again in a moment.";
            page(status, AGAIN, &form(token, Some(fault), false))
        }
        _ => {
            let content = html! { p { "Nothing was changed: " (problem.detail) "." } };
            page(status, "This did not work", &content)
        }
    }
}

/// Not 401, which the token of the mail gets from the interface: a browser has nothing to sign in with.
fn broken_link() -> HttpResponse {
    let content = html! {
        p {
            "A link from our mail works once, for 30 minutes, and only the whole of it. Nothing was changed."
        }
        p { "Ask for another mail in your app, under “Forgot password”." }
    };
    page(Code::BadRequest.status(), "This link does not work", &content)
}

fn done_content() -> Markup {
    html! {
        p {
            "Every device and every personal access token is signed out. Sign in again in your app, with "
            "your address and the new password."
        }
    }
}

/// The form, after a fault or without; `invalid` if the fault is one of the password.
fn form(token: &str, fault: Option<&str>, invalid: bool) -> Markup {
    let described_by = if fault.is_some() { "fault rule" } else { "rule" };
    html! {
        p { "All your devices will be signed out." }
        form method="post" action="/account/reset" {
            input type="hidden" name="token" value=(token);
            @if let Some(fault) = fault {
                p.fault id="fault" role="alert" { (fault) }
            }
            label for="new_password" { "New password" }
            p id="rule" { "At least 10 characters." }
            p {
                input type="password" id="new_password" name="new_password" required minlength="10"
                    maxlength="200" autocomplete="new-password" aria-describedby=(described_by)
                    aria-invalid=[invalid.then_some("true")];
            }
            p { button type="submit" { "Set the password" } }
        }
    }
}
