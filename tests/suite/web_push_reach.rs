//! A client that names an address of its choice does not turn the server against its own network.

use crate::web_push::{Stage, invalid, is_delivered, subscription};
use afterview_api::notifications::Verdict;
use afterview_api::outbound::{NotPublic, Reach};
use afterview_tests::push_service::{Answer, Browser, PushService};

fn out_of_reach() -> Verdict {
    invalid("the address is not a public one")
}

async fn closed() -> Stage {
    Stage::with(|options| options.reach = Reach::Public).await
}

/// The same subscription at `host` instead of 127.0.0.1.
fn at_host(browser: &Browser, host: &str) -> Browser {
    browser.at(&browser.endpoint.replace("127.0.0.1", host))
}

#[actix_web::test]
async fn a_private_address_is_refused_unless_it_is_allowed() {
    let stage = closed().await;
    let browser = stage.double.subscribe();
    assert_eq!(stage.client.check(&subscription(&browser)), Err(NotPublic));
    assert_eq!(stage.send(&browser).await, out_of_reach());
    assert_eq!(stage.double.connections(), 0);

    let open = Stage::set().await;
    let browser = open.double.subscribe();
    assert_eq!(open.client.check(&subscription(&browser)), Ok(()));
    assert!(is_delivered(&open.send(&browser).await));
}

#[actix_web::test]
async fn no_address_of_a_private_network_is_connected_to() {
    let stage = closed().await;
    let browser = stage.double.subscribe();
    for host in [
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::127.0.0.1]",
    ] {
        let verdict = stage.send(&browser.at(&format!("https://{host}/push/1"))).await;
        assert_eq!(verdict, out_of_reach(), "{host}");
    }
}

#[actix_web::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_resolved() {
    let stage = closed().await;
    let browser = at_host(&stage.double.subscribe(), "localhost");
    assert_eq!(stage.client.check(&subscription(&browser)), Ok(()), "a name tells nothing");
    assert_eq!(stage.send(&browser).await, out_of_reach());
    assert_eq!(stage.double.connections(), 0);
}

#[actix_web::test]
async fn refusals_do_not_pause_the_name_for_others() {
    let stage = closed().await;
    let browser = at_host(&stage.double.subscribe(), "localhost");
    for _ in 0..9 {
        assert_eq!(stage.send(&browser).await, out_of_reach());
    }
}

#[actix_web::test]
async fn a_redirection_is_not_followed() {
    let stage = Stage::set().await;
    let behind = PushService::start_at(std::sync::Arc::new(stage.clock.clone())).await;
    let (browser, target) = (stage.double.subscribe(), behind.subscribe());
    stage.double.script(&browser, [Answer::Located { status: 307, location: target.endpoint }]);
    assert_eq!(stage.send(&browser).await, invalid("307"));
    assert_eq!(behind.connections(), 0);
}
