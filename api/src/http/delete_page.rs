//! The page on which people delete their account without the app, as stores of apps ask for.
//!
//! **Must never** delete anything for less than address and password together.

use crate::app::AppState;
use crate::auth::{deletion, sign_in};
use crate::dto::Body;
use crate::dto::account::DeletionBody;
use crate::error::{ApiError, Code};
use crate::http::client_address::Visitor;
use crate::http::forms::Form;
use crate::http::pages::page;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use maud::{Markup, html};

const TITLE: &str = "Delete your account";
const AGAIN: &str = "Your account is still there";

/// The page to delete an account
///
/// What is deleted, how it is done in an app, and a form for whoever has none at hand.
#[utoipa::path(tag = "account", operation_id = "getDeletionPage", security(()),
    responses((status = 200, description = "The form.", body = String, content_type = "text/html")))]
#[get("/account/delete")]
pub async fn show() -> HttpResponse {
    page(StatusCode::OK, TITLE, &form(None))
}

/// Send the page to delete an account
///
/// As `DELETE /v1/account`, for people who give their address and password; the answer is a page.
#[utoipa::path(tag = "account", operation_id = "submitDeletionPage", security(()),
    request_body(content = DeletionBody, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "A page: the account is locked, and being deleted.", body = String, content_type = "text/html"),
        (status = 400, description = "A page: the form cannot be read.", body = String, content_type = "text/html"),
        (status = 401, description = "The form again: address or password are wrong.", body = String, content_type = "text/html"),
        (status = 413, description = "A page: the form is too long.", body = String, content_type = "text/html"),
        (status = 415, description = "A page: this is no form.", body = String, content_type = "text/html"),
        (status = 422, description = "The form again: something is missing.", body = String, content_type = "text/html"),
        (status = 429, description = "The form again: too many tries.", body = String, content_type = "text/html"),
        (status = 503, description = "The form again: not now.", body = String, content_type = "text/html")))]
#[post("/account/delete")]
pub async fn submit(
    state: web::Data<AppState>,
    visitor: Result<Visitor, ApiError>,
    Form(fields): Form,
) -> HttpResponse {
    let done = async {
        visitor?;
        let DeletionBody { email, password } = DeletionBody::read(&fields?)?;
        let account_id = sign_in::check(&state, &email, password).await?;
        deletion::request_by_password(&state, &account_id).await
    };
    match done.await {
        Ok(()) => {
            let content = html! {
                p { "Every device is signed out, and everything is deleted within minutes. Good luck!" }
            };
            page(StatusCode::OK, "Your account is deleted", &content)
        }
        Err(error) => refused(&error),
    }
}

/// What went wrong, in plain words, and the form again.
fn refused(error: &ApiError) -> HttpResponse {
    error.record();
    let fault = match error.code() {
        Code::WrongCredentials => "The address or the password is wrong.".to_owned(),
        Code::ValidationFailed => "Both are needed, the address and the password.".to_owned(),
        Code::RateLimited => "These were too many tries. Please wait a few minutes.".to_owned(),
        Code::Unavailable | Code::Internal => {
            "Something is wrong here. Please try again in a moment.".to_owned()
        }
        _ => format!("{}.", error.problem().detail),
    };
    page(error.code().status(), AGAIN, &form(Some(&fault)))
}

fn form(fault: Option<&str>) -> Markup {
    html! {
        p {
            "This deletes everything that is stored of you: jobs, people, notes, promises, history, settings, "
            "and every device that is signed in. It cannot be taken back. An app can save a copy before."
        }
        form method="post" action="/account/delete" {
            @if let Some(fault) = fault {
                p.fault role="alert" { (fault) }
            }
            label for="email" { "E-mail address" }
            p {
                input type="email" id="email" name="email" required maxlength="254"
                    autocomplete="username";
            }
            label for="password" { "Password" }
            p {
                input type="password" id="password" name="password" required maxlength="200"
                    autocomplete="current-password";
            }
            p { button type="submit" { "Delete everything" } }
        }
        p {
            "Without a password, because you sign in with another service or are a guest: delete the account in "
            "your app, in its settings."
        }
    }
}
