//! A client of the HTTP interface, with an access token or without.
//!
//! It talks to every server of an app, one after the other, and what they answer must be the same to the
//! last byte. **Must never** pass a difference over: whoever reads an answer reads that of all databases.

use crate::same;
use reqwest::header::{CONNECTION, DATE, HeaderMap};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::fmt;
use std::time::Duration;

/// A client; cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    urls: Vec<String>,
    token: Option<String>,
    /// The refresh token of the last sign-in.
    pub refresh_token: String,
}

/// What came back.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case, without `date` and `connection`.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
}

/// Without the bytes, which say the same as the text.
impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {:?}\n{}", self.status, self.headers, self.text)
    }
}

/// The head of answers whose bodies are still coming, one from each server.
#[derive(Debug)]
pub struct Opened(pub(crate) Vec<Response>);

impl Client {
    pub(crate) fn new(urls: Vec<String>) -> Self {
        // A server closes a connection that was idle for five seconds; on a busy machine a test may take
        // that long between two requests.
        let idle = Duration::from_secs(2);
        let builder = reqwest::Client::builder().no_proxy().pool_idle_timeout(idle);
        let http = builder.build().unwrap();
        Self { http, urls, token: None, refresh_token: String::new() }
    }

    /// Uses the tokens of an answer from now on.
    pub fn sign_in_with(&mut self, tokens: &Value) {
        self.token = tokens["access_token"].as_str().map(str::to_owned);
        self.refresh_token = tokens["refresh_token"].as_str().unwrap_or_default().to_owned();
    }

    /// Gets the next pair of tokens, as a device does after being away.
    pub async fn refresh(&mut self) {
        let body = serde_json::json!({ "refresh_token": self.refresh_token });
        let tokens = self.post("/v1/auth/refresh", body).await.expect(200);
        self.sign_in_with(&tokens);
    }

    /// Uses `token` as access token from now on.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The access token in use.
    #[must_use]
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[], Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, &[], Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Any method, with headers and an optional JSON body.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let body = body.map(|body| body.to_string().into_bytes());
        let mut all = vec![("content-type", "application/json")];
        all.retain(|(name, _)| body.is_some() && !headers.iter().any(|(given, _)| given == name));
        all.extend_from_slice(headers);
        self.raw(method, path, &all, body.unwrap_or_default()).await
    }

    /// GET whose body is read while it comes.
    pub async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Opened {
        let mut opened = Vec::new();
        for url in &self.urls {
            let mut response = self.request(url, Method::GET, path, headers).send().await.unwrap();
            remove_own_affairs(response.headers_mut());
            opened.push(response);
        }
        let heads = opened.iter().map(|one| (one.status(), one.headers().clone()));
        same(&format!("GET {path}"), heads);
        Opened(opened)
    }

    /// Any method, with exactly these headers and bytes.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let mut answers = Vec::new();
        for url in &self.urls {
            let request = self.request(url, method.clone(), path, headers).body(body.clone());
            answers.push(Answer::of(request.send().await.unwrap()).await);
        }
        same(&format!("{method} {path}"), answers)
    }

    fn request(
        &self,
        url: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{url}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

/// Takes out what no program says: `date` is the time of the machine, `connection` the state of a socket.
fn remove_own_affairs(headers: &mut HeaderMap) {
    headers.remove(DATE);
    headers.remove(CONNECTION);
}

impl From<Response> for Opened {
    fn from(response: Response) -> Self {
        Self(vec![response])
    }
}

impl Opened {
    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0[0].status().as_u16()
    }

    /// Headers, names in lower case.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.0[0].headers()
    }
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        remove_own_affairs(&mut headers);
        let bytes = response.bytes().await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status, headers, bytes, text }
    }

    /// The JSON body, after checking the status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }

    /// The problem document, after checking its code, its status and its media type.
    #[track_caller]
    pub fn expect_problem(&self, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}", self.text);
        assert_eq!(problem["status"], self.status, "{}", self.text);
        if !self.is_plain() {
            assert_eq!(self.header("content-type"), "application/problem+json");
            assert_eq!(problem["request_id"], self.header("x-request-id"));
        }
        problem
    }

    /// Whether it is plain text, as failures are where clients take any JSON for content.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.header("content-type") == "text/plain; charset=utf-8"
    }

    /// The JSON body; null when there is none. A failure in plain text is read as the problem that it tells of.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        if self.is_plain()
            && let Some((code, detail)) = self.text.split_once(": ")
        {
            return json!({"code": code, "detail": detail.trim_end(), "status": self.status});
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// A header as text; empty when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
