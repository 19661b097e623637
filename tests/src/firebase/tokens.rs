//! The token endpoint: assertions against bearers (RFC 7523), as Google checks them.

use super::CLIENT_EMAIL;
use super::key::{KEY_ID, test_key};
use super::state::State;
use crate::double::{Connection, Reply, play, reply};
use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// What Google's own clients write for the audience, wherever they send the assertion.
const GOOGLES_AUDIENCE: &str = "https://oauth2.googleapis.com/token";

#[derive(Deserialize)]
struct Claims {
    scope: String,
    iat: i64,
    exp: i64,
}

pub(super) async fn answer(state: &State, connection: &Connection, body: &[u8]) -> Reply {
    let scripted = {
        let mut inner = state.inner();
        inner.token_requests += 1;
        inner.token_script.pop_front().unwrap_or_else(|| inner.weather.clone())
    };
    let checked = check(state, body);
    play(scripted, connection, || {
        if let Err(why) = checked {
            state.fault(format!("assertion: {why}"));
            return reply(
                400,
                &json!({ "error": "invalid_grant", "error_description": why }),
                None,
            );
        }
        hand_out(state)
    })
    .await
}

fn hand_out(state: &State) -> Reply {
    let now = state.clock.now();
    let mut inner = state.inner();
    let life = inner.token_life_s;
    let bearer = format!("ya29.test-{}", inner.token_requests);
    inner.tokens.insert(bearer.clone(), now + TimeDelta::seconds(life.into()));
    let grant = json!({ "access_token": bearer, "expires_in": life, "token_type": "Bearer" });
    reply(200, &grant, None)
}

fn check(state: &State, body: &[u8]) -> Result<(), String> {
    let form = Url::parse(&format!("form:?{}", String::from_utf8_lossy(body))).unwrap();
    let field = |name: &str| {
        form.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    if field("grant_type").as_deref() != Some(GRANT_TYPE) {
        return Err("another grant_type".to_owned());
    }
    let assertion = field("assertion").ok_or("no assertion")?;
    let header = decode_header(&assertion).map_err(|error| error.to_string())?;
    if header.kid.as_deref() != Some(KEY_ID) {
        return Err("another kid".to_owned());
    }
    let mut validation = Validation::new(Algorithm::RS256);
    // Time is the double's own: it is checked below.
    validation.validate_exp = false;
    validation.set_issuer(&[CLIENT_EMAIL]);
    validation.set_audience(&[state.token_uri().as_str(), GOOGLES_AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "exp"]);
    let claims = decode::<Claims>(&assertion, &test_key().public, &validation);
    let claims = claims.map_err(|error| error.to_string())?.claims;
    let now = state.clock.now().timestamp();
    let timely = claims.iat <= now + 60 && now < claims.exp && claims.exp - claims.iat <= 3600;
    if !timely {
        return Err("not within its hour".to_owned());
    }
    if claims.scope != SCOPE {
        return Err("another scope".to_owned());
    }
    Ok(())
}
