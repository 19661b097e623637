//! The article's scenario with the client that openapi-generator makes for Rust.

use afterview_client::apis::configuration::Configuration;
use afterview_client::apis::{auth_api, follow_ups_api, interviews_api, opportunities_api};
use afterview_client::models::{
    Debrief, DebriefPromiseCreate, DraftRequest, MarkSent, NewInterview, OfficeCreate, OpportunityCreate, Register,
    debrief::NextStepOwner, mark_sent::Channel,
};
use chrono::{TimeDelta, Utc};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base_path = std::env::args().nth(1).ok_or("the address of the server")?;
    let mut server = Configuration { base_path, ..Configuration::default() };
    let mut person = Register::new("rust@example.org".into(), "correct horse battery".into());
    person.time_zone = Some("America/New_York".into());
    server.bearer_access_token = Some(auth_api::register(&server, person).await?.access_token);

    let ended = Utc::now().fixed_offset();
    let mut office = OfficeCreate::new();
    office.time_zone = Some("America/New_York".into());
    office.calendar = Some("US-FED".into());
    let mut opportunity = OpportunityCreate::new("Acme".into(), "Data engineer".into());
    opportunity.office = Some(Box::new(office));
    let mut new = NewInterview::new(ended, ended - TimeDelta::hours(1));
    new.opportunity = Some(Box::new(opportunity));
    let interview = interviews_api::create_interview(&server, new, None).await?;
    let mut debrief = Debrief::new();
    debrief.next_step_owner = Some(NextStepOwner::Them);
    debrief.promise = Some(Box::new(DebriefPromiseCreate::new("a week".into())));
    let debriefed = interviews_api::debrief_interview(&server, &interview.id, None, Some(debrief)).await?;
    let plan = opportunities_api::get_plan(&server, &interview.opportunity_id, None).await?;
    assert_eq!(plan.items, debriefed.items);

    let follow_up = plan.items.iter().find(|item| item.kind == "follow_up").ok_or("nothing to ask")?;
    assert!(follow_up.do_at.is_some_and(|at| at > ended), "they have a week");
    let draft = follow_ups_api::draft_follow_up(&server, &follow_up.id, None, None, Some(DraftRequest::new())).await?;
    assert!(draft.body.contains("Data engineer"));
    let mut mark = MarkSent::new();
    mark.channel = Some(Channel::Email);
    let sent = follow_ups_api::mark_follow_up_sent(&server, &follow_up.id, None, None, Some(mark)).await?;
    assert_eq!(sent.state, "sent");
    println!("{} / {} / {}", plan.headline.text, draft.subject, sent.state);
    Ok(())
}
