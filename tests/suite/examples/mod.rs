//! The examples of the OpenAPI document: every operation is asked once in good order, and what was answered
//! is the checked-in `api/src/openapi/examples.json`, from which the document is made.

mod account;
mod devices;
mod recorder;
mod records;
mod story;

use crate::oidc::Stage;
use crate::postbox::Postbox;
use recorder::Recorder;
use std::path::Path;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/src/openapi/examples.json");

#[actix_web::test]
async fn the_examples_of_the_document_are_what_is_answered() {
    let (stage, mut postbox) = (Stage::set().await, Postbox::start().await);
    let mut recorder = Recorder::new(&stage.app.anonymous()).await;
    story::play(&mut recorder, &stage.app).await;
    records::play(&mut recorder, &stage.app).await;
    devices::play(&mut recorder, &stage.app).await;
    account::play(&mut recorder, &stage).await;
    account::passwords(&mut recorder, &mut postbox).await;
    let text = recorder.text();
    #[allow(clippy::disallowed_methods, reason = "whether to write is no setting of the server")]
    let writes = std::env::var("AFTERVIEW_WRITE_EXAMPLES").is_ok();
    if writes {
        std::fs::write(RECORDED, &text).unwrap();
    }
    let checked_in = std::fs::read_to_string(Path::new(RECORDED)).unwrap();
    let same = text == checked_in;
    assert!(same, "run this test with AFTERVIEW_WRITE_EXAMPLES=1, then print the document anew");
}
