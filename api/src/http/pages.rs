//! Pages for people who come here from a mail or with a question: the frame around what each of them says.
//!
//! A page works without a mouse, read aloud, in the dark, and enlarged; it is one answer that needs no other.
//!
//! **Must never** hold a script, load anything, stay in a cache, tell other sites its address (which may hold
//! a token), or be shown inside of another page.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:38rem;margin:3rem auto;padding:0 1rem}\
label{display:block;font-weight:600}\
input,button{font:inherit;box-sizing:border-box;padding:.5rem .75rem}\
input{width:100%;max-width:24rem}\
.fault{border-left:.25rem solid #d33;padding-left:.75rem}";

/// Lets this one style through, forms to this server, and nothing else.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'",
        STANDARD.encode(Sha256::digest(STYLE))
    )
});

/// A page with that title, which is also its heading, and what follows the heading. The values in a
/// [`Markup`] are escaped by whoever made it, the macro `html!`.
#[must_use]
pub fn page(status: StatusCode, title: &str, content: &Markup) -> HttpResponse {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { (title) " – Afterview" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    (content)
                }
            }
        }
    };
    HttpResponse::build(status)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY.as_str()))
        .content_type("text/html; charset=utf-8")
        .body(page.into_string())
}
