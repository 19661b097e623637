//! The manager's-eye view in words.
//!
//! **Must never** judge; it says what the view holds.

use super::phrases::{counted, day};
use crate::plan::ManagerView;

/// The view in a few short English sentences.
#[must_use]
pub fn manager_summary(view: &ManagerView) -> String {
    let hours = if view.in_office_hours { "inside" } else { "outside" };
    let mut text = format!(
        "It is {} there, {hours} office hours.",
        view.local_time.format("%A %-d %B, %H:%M")
    );
    let received = i64::try_from(view.received.len()).unwrap_or(i64::MAX);
    let received = counted(received, "message", "messages");
    text.push_str(&format!(" In the last 30 days they received {received} from you"));
    text.push_str(&match view.unanswered {
        0 => ", and no question of yours is open.".to_owned(),
        n => {
            let n = i64::try_from(n).unwrap_or(i64::MAX);
            format!("; {} unanswered.", counted(n, "question is", "questions are"))
        }
    });
    match view.promised_by {
        Some(by) if view.is_past_promise => {
            text.push_str(&format!(" They are past their own promise of {}.", day(by)));
        }
        Some(by) => text.push_str(&format!(" They have until {} by their own word.", day(by))),
        None => text.push_str(" They promised no day."),
    }
    if let Some(returns) = view.away_until {
        text.push_str(&format!(" Somebody there is away until {}.", day(returns)));
    }
    text
}
