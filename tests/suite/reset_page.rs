//! The page that the link in a mail leads to: what people read there, and what it lets nobody do.

use crate::postbox::{ANOTHER, PASSWORD, Postbox, enters, forgot, reset, works};
use afterview_tests::{Answer, Client, TestApp};
use reqwest::Method;

const ANNA: &str = "anna@example.org";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn send(client: &Client, form: &str) -> Answer {
    client.raw(Method::POST, "/account/reset", &[FORM], form.as_bytes().to_vec()).await
}

/// The heading, after checking what is true of every page.
#[track_caller]
fn heading(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), value);
    }
    let policy = answer.header("content-security-policy");
    for rule in [
        "default-src 'none';",
        "style-src 'sha256-",
        "form-action 'self';",
        "frame-ancestors 'none';",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    for foreign in ["<script", "http:", "https:", "src=", "@import", "onload"] {
        assert!(!answer.text.contains(foreign), "{foreign} in {}", answer.text);
    }
    let (_, rest) = answer.text.split_once("<h1>").unwrap();
    rest.split_once("</h1>").unwrap().0.to_owned()
}

/// What a browser would send of the form of a page.
fn filled_in(page: &Answer, password: &str) -> String {
    assert!(page.text.contains(r#"<form method="post" action="/account/reset">"#), "{}", page.text);
    assert!(page.text.contains(r#"<label for="new_password">"#), "{}", page.text);
    let (_, rest) = page.text.split_once(r#"name="token" value=""#).unwrap();
    let token = rest.split_once('"').unwrap().0;
    format!("token={token}&new_password={}", password.replace(' ', "+"))
}

#[actix_web::test]
async fn a_password_is_set_anew_without_an_app() {
    let mut postbox = Postbox::start().await;
    let anna = postbox.app.user("anna").await;
    let browser = postbox.app.anonymous();
    forgot(&browser, ANNA).await;
    let link = postbox.next().await.link();
    let page = browser.get(link.strip_prefix("http://afterview.test").unwrap()).await;
    assert_eq!(heading(&page, 200), "Set a new password");
    let short = send(&browser, &filled_in(&page, "short")).await;
    assert_eq!(heading(&short, 422), "Please try again to set a new password");
    assert!(short.text.contains("10 to 200 characters"), "{}", short.text);
    assert!(!short.text.contains("short"), "a password comes back: {}", short.text);
    let done = send(&browser, &filled_in(&short, ANOTHER)).await;
    assert_eq!(heading(&done, 200), "Your new password is set");
    assert!(!works(&anna).await);
    assert!(enters(&browser, ANNA, ANOTHER).await && !enters(&browser, ANNA, PASSWORD).await);
    let again = send(&browser, &filled_in(&page, PASSWORD)).await;
    assert_eq!(heading(&again, 400), "This link does not work");
    assert!(enters(&browser, ANNA, ANOTHER).await);
}

#[actix_web::test]
async fn programs_that_open_links_use_nothing_up_and_learn_nothing() {
    let mut postbox = Postbox::start().await;
    postbox.app.user("anna").await;
    let token = postbox.token_for(ANNA).await;
    let browser = postbox.app.anonymous();
    let page = |token: &str| format!("/account/reset?token={token}");
    for method in [Method::GET, Method::HEAD] {
        assert_eq!(browser.send(method, &page(&token), &[], None).await.status, 200);
    }
    let (real, made_up) = (browser.get(&page(&token)).await, browser.get(&page("afp_x")).await);
    assert_eq!(real.text.replace(&token, "afp_x"), made_up.text);
    reset(&browser, &token, ANOTHER).await.expect(204);
    assert_eq!(browser.get(&page(&token)).await.text, real.text);
}

#[actix_web::test]
async fn whatever_a_link_holds_stays_text() {
    let app = TestApp::start().await;
    let browser = app.anonymous();
    let hostile = "%22%3E%3Cscript%3Ealert(1)%3C/script%3E%3Cb%20x=%27";
    let page = browser.get(&format!("/account/reset?token={hostile}&utm_source=mail")).await;
    heading(&page, 200);
    assert!(page.text.contains("&quot;&gt;&lt;script&gt;"), "{}", page.text);
    let again = send(&browser, &format!("token={hostile}&new_password=short")).await;
    heading(&again, 422);
    assert!(again.text.contains("&quot;&gt;&lt;script&gt;"), "{}", again.text);
}

#[actix_web::test]
async fn what_is_no_form_or_no_link_of_ours_gets_a_page_that_says_so() {
    let app = TestApp::start().await;
    let browser = app.anonymous();
    for path in ["/account/reset", "/account/reset?token=", "/account/reset?other=x"] {
        assert_eq!(heading(&browser.get(path).await, 400), "This link does not work");
    }
    for form in ["", "new_password=long+enough+by+far", "token=x&new_password=long+enough+by+far"] {
        assert_eq!(heading(&send(&browser, form).await, 400), "This link does not work");
    }
    let long = format!("token=x&new_password={}", "x".repeat(4096));
    assert_eq!(heading(&send(&browser, &long).await, 413), "This did not work");
    let json = [("content-type", "application/json")];
    let json = browser.raw(Method::POST, "/account/reset", &json, b"{}".to_vec()).await;
    assert_eq!(heading(&json, 415), "This did not work");
}
