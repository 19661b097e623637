//! The actions on a follow-up: sent, undo, correct, skip, reopen, snooze.

use crate::app::AppState;
use crate::auth::Caller;
use crate::auth::caller::Write;
use crate::dto::Body;
use crate::dto::follow_up::FollowUpView;
use crate::dto::follow_up_bodies::{
    CorrectBody, ReopenBody, SentBody, SkipBody, SnoozeBody, UndoBody,
};
use crate::error::ApiError;
use crate::http::body::JsonBody;
use crate::http::conditional;
use crate::http::follow_ups::{answer, owner};
use crate::http::idempotency::{IdempotencyKey, once};
use crate::http::query::Query;
use crate::openapi::WriteProblems;
use crate::planning::follow_ups::{self, Target};
use crate::store::AccountWrite;
use actix_web::{HttpRequest, HttpResponse, post, web};
use afterview_domain::clock::Instant;
use afterview_domain::entities::FaultCode;
use afterview_domain::entities::actions::Action;

/// Declares the route and the document of one action on a follow-up.
macro_rules! action {
    ($name:ident, $path:literal, $id:literal, $body:ty, $summary:literal, $about:literal) => {
        #[doc = $summary]
        ///
        #[doc = $about]
        #[utoipa::path(tag = "follow-ups", operation_id = $id, security(("bearer" = ["write"])), request_body = $body,
            params(("id" = String, Path, description = "Identifier of the follow-up."),
                ("If-Match" = Option<String>, Header, description = "Act only if the record has this entity tag."),
                ("Idempotency-Key" = Option<String>, Header, description = "A repeated request with the same key gets the answer of the first one, for a day.")),
            responses((status = 200, description = "The follow-up afterwards.", body = FollowUpView), WriteProblems))]
        #[post($path)]
        pub async fn $name(
            request: HttpRequest,
            state: web::Data<AppState>,
            caller: Caller<Write>,
            id: web::Path<String>,
            key: IdempotencyKey,
            body: JsonBody,
        ) -> Result<HttpResponse, ApiError> {
            let act = <$body>::read(&body.map)?;
            perform(&request, &state, &caller, (id.into_inner(), act), key, body.fingerprint).await
        }
    };
}

action!(
    mark_sent,
    "/v1/follow-ups/{id}/sent",
    "markFollowUpSent",
    SentBody,
    "Record that it was sent",
    "Two devices may both report it: the earlier time wins. For five minutes it can be undone."
);
action!(
    undo_sent,
    "/v1/follow-ups/{id}/undo",
    "undoFollowUpSent",
    UndoBody,
    "Undo the sending",
    "Within five minutes of recording; afterwards file a correction."
);
action!(
    correct_sent,
    "/v1/follow-ups/{id}/correct",
    "correctFollowUpSent",
    CorrectBody,
    "Correct the record of a sent one",
    "The plan counts with the corrected version; both stay in the history."
);
action!(
    skip,
    "/v1/follow-ups/{id}/skip",
    "skipFollowUp",
    SkipBody,
    "Decide against it",
    "It leaves the plan and can be reopened."
);
action!(
    reopen,
    "/v1/follow-ups/{id}/reopen",
    "reopenFollowUp",
    ReopenBody,
    "Take a skip back",
    "It comes back into the plan if it is still advised."
);
action!(
    snooze,
    "/v1/follow-ups/{id}/snooze",
    "snoozeFollowUp",
    SnoozeBody,
    "Put the reminder off",
    "Only the reminder moves; the window and the verdict stay. The snooze ends when the ideal time changes."
);

/// A body that stands for an action on a follow-up.
trait ActionBody: Send + 'static {
    /// The action on `target`.
    fn action(&self, target: &Target) -> Action;

    /// When it happened, if that may lie before now.
    fn happened_at(&self) -> Option<Instant> {
        None
    }

    /// What is wrong with it at this moment.
    fn check(&self, _now: Instant) -> Result<(), ApiError> {
        Ok(())
    }
}

impl ActionBody for SentBody {
    fn action(&self, _: &Target) -> Action {
        Action::MarkSent {
            sent_at: self.sent_at,
            channel: self.channel,
            asked_timeline: self.asked_timeline,
            included: self.included.clone(),
        }
    }

    fn happened_at(&self) -> Option<Instant> {
        self.sent_at
    }
}

impl ActionBody for UndoBody {
    fn action(&self, _: &Target) -> Action {
        Action::UndoSent
    }
}

impl ActionBody for CorrectBody {
    fn action(&self, _: &Target) -> Action {
        Action::Correct {
            sent_at: self.sent_at,
            channel: self.channel,
            to: self.to.clone(),
            not_sent: self.not_sent,
            reason: self.reason.clone(),
        }
    }
}

impl ActionBody for SkipBody {
    fn action(&self, _: &Target) -> Action {
        Action::Skip
    }
}

impl ActionBody for ReopenBody {
    fn action(&self, _: &Target) -> Action {
        Action::Reopen
    }
}

impl ActionBody for SnoozeBody {
    fn action(&self, target: &Target) -> Action {
        Action::Snooze { until: self.until, window: target.item.as_ref().map(|item| item.ideal) }
    }

    fn check(&self, now: Instant) -> Result<(), ApiError> {
        if self.until.is_some_and(|until| until <= now) {
            return Err(ApiError::field("/until", FaultCode::Range, "must lie in the future"));
        }
        Ok(())
    }
}

async fn perform(
    request: &HttpRequest,
    state: &AppState,
    caller: &Caller<Write>,
    (id, act): (String, impl ActionBody),
    key: IdempotencyKey,
    fingerprint: String,
) -> Result<HttpResponse, ApiError> {
    Query::of(request, &[])?;
    let precondition = conditional::precondition(request)?;
    let owner = owner(state, caller, &id, act.happened_at()).await?;
    let work = move |unit: &mut AccountWrite<'_>| {
        act.check(unit.now())?;
        let make = |target: &Target| act.action(target);
        let target = (owner.as_str(), id.as_str());
        answer(&follow_ups::perform(unit, target, act.happened_at(), make, precondition.as_ref())?)
    };
    let caller = (caller.account_id(), caller.session_id());
    Ok(once(state, caller, key, fingerprint, work).await?.into())
}
