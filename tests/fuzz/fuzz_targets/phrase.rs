//! Any words, said anywhere at any time: reading them ends, and gives a window that is one.

#![no_main]

#[expect(dead_code, reason = "only the office is needed")]
mod soup;

use afterview_domain::promise::{ReadingKind, parse};
use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The scene is taken from the end, so that the words stand at the beginning as they are.
    let (words, scene) = data.split_at(data.len() - data.len().min(64));
    let mut scene = Unstructured::new(scene);
    let (Ok(spoken_at), Ok(office)) = (soup::moment(&mut scene), soup::office(&mut scene)) else {
        return;
    };
    let reading = parse(&office, &String::from_utf8_lossy(words), spoken_at);
    let dated = matches!(reading.kind, ReadingKind::Exact | ReadingKind::Window);
    assert_eq!(dated, reading.from.is_some());
    assert_eq!(dated, reading.by.is_some());
    assert!(reading.from <= reading.by, "{reading:?}");
    assert_eq!(reading.ambiguous, reading.alternative.is_some());
    assert!(!reading.rule.is_empty());
});
