//! The route table: every address of the service. Registering a route documents it.

use crate::http::{
    account, agenda, auth, calendar_feeds, calendars, delete_page, devices, drafts,
    follow_up_actions, follow_ups, history, interviews, live, notifications, opportunities,
    passwords, portability, preferences, promises, records, reports, reset_page, rules, rxdb,
    rxdb_stream, sessions, sync, sync_pull, sync_snapshot, system, tact, watermelondb, webhooks,
};
use utoipa_actix_web::service_config::ServiceConfig;

/// Registers everything. Addresses are tried in this order, so fixed ones, which cost a comparison,
/// stand before those with a parameter, which cost a pattern.
pub fn configure(config: &mut ServiceConfig<'_>) {
    everyday(config);
    door(config);
    seldom(config);
    for resource in records::RESOURCES {
        config.service(resource);
    }
    named(config);
    compat(config);
}

/// What apps ask for all the time.
fn everyday(config: &mut ServiceConfig<'_>) {
    config
        .service(agenda::agenda)
        .service(follow_ups::list)
        .service(follow_ups::create)
        .service(preferences::read)
        .service(preferences::replace)
        .service(preferences::update)
        .service(sync::Round)
        .service(sync_pull::changes)
        .service(sync_pull::read_head)
        .service(sync_pull::revs)
        .service(sync_pull::conflicts)
        .service(sync_snapshot::read)
        .service(promises::parse)
        .service(calendars::list)
        .service(rules::list);
}

/// Ways in, and the account itself.
fn door(config: &mut ServiceConfig<'_>) {
    config
        .service(auth::register)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::guest)
        .service(auth::logout)
        .service(auth::jwks)
        .service(passwords::change)
        .service(passwords::forgot)
        .service(passwords::reset)
        .service(sessions::list)
        .service(sessions::list_tokens)
        .service(sessions::create_token)
        .service(account::read)
        .service(account::update)
        .service(account::delete)
        .service(account::upgrade)
        .service(account::audit)
        .service(portability::export_account)
        .service(portability::Import);
}

/// What apps ask for now and then.
fn seldom(config: &mut ServiceConfig<'_>) {
    config
        .service(devices::read)
        .service(devices::report)
        .service(devices::forget)
        .service(notifications::list)
        .service(notifications::test)
        .service(webhooks::list)
        .service(webhooks::create)
        .service(calendar_feeds::list)
        .service(calendar_feeds::create)
        .service(reports::activity)
        .service(live::stream)
        .service(live::stream_ticket)
        .service(system::limits)
        .service(system::livez)
        .service(system::readyz)
        .service(system::openapi)
        .service(delete_page::show)
        .service(delete_page::submit)
        .service(reset_page::show)
        .service(reset_page::submit)
        .service(system::index);
}

/// What apps with other people's sync libraries ask for.
fn compat(config: &mut ServiceConfig<'_>) {
    config
        .service(watermelondb::Watermelondb)
        .service(rxdb::pull)
        .service(rxdb::pull_version)
        .service(rxdb::Push)
        .service(rxdb_stream::follow)
        .service(rxdb_stream::follow_version);
}

/// Addresses with a name in them.
fn named(config: &mut ServiceConfig<'_>) {
    config
        .service(opportunities::plan)
        .service(opportunities::simulate)
        .service(interviews::debrief_interview)
        .service(sync::resolve_conflict)
        .service(follow_ups::read)
        .service(follow_ups::update)
        .service(tact::check)
        .service(drafts::draft)
        .service(follow_up_actions::mark_sent)
        .service(follow_up_actions::undo_sent)
        .service(follow_up_actions::correct_sent)
        .service(follow_up_actions::skip)
        .service(follow_up_actions::reopen)
        .service(follow_up_actions::snooze)
        .service(history::read)
        .service(auth::oidc)
        .service(calendar_feeds::show)
        .service(calendar_feeds::read)
        .service(calendar_feeds::update)
        .service(calendar_feeds::end)
        .service(calendar_feeds::rotate)
        .service(sessions::end)
        .service(sessions::end_token)
        .service(rules::read)
        .service(webhooks::read)
        .service(webhooks::update)
        .service(webhooks::delete)
        .service(webhooks::deliveries)
        .service(webhooks::test)
        .service(webhooks::rotate_secret)
        .service(system::problem);
}
