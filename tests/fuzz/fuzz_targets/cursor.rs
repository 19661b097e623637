//! Any text as a cursor: it is one or it is not, and one that is says the same when written again.

#![no_main]

use afterview_domain::entities::Collection;
use afterview_domain::sync::{Cursor, Filter, LogState, LostInterval};
use arbitrary::Unstructured;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The log is taken from the end, so that the text stands at the beginning as it is.
    let (text, log) = data.split_at(data.len() - data.len().min(56));
    let text = String::from_utf8_lossy(text);
    let Ok(cursor) = Cursor::decode(&text) else { return };
    assert_eq!(cursor.encode(), text, "two texts for one cursor");
    let Ok(log) = state(&mut Unstructured::new(log)) else { return };
    for filter in [None, Some(&Collection::ALL[..1])] {
        let _ = cursor.judge(&log, Filter::of(filter));
        let begun = Cursor::at_the_beginning(&log, Filter::of(filter));
        assert_eq!(Cursor::decode(&begun.encode()), Ok(begun));
    }
    if let Ok(after) = cursor.judge(&log, cursor.filter) {
        assert!(after <= log.head, "reading begins above the head");
    }
});

fn state(bytes: &mut Unstructured<'_>) -> arbitrary::Result<LogState> {
    let (from, to): (i64, i64) = bytes.arbitrary()?;
    // No stamp is below 0.
    let (epoch, gc_floor, head) =
        (bytes.arbitrary()?, bytes.arbitrary()?, bytes.arbitrary::<i64>()?);
    let head = head & i64::MAX;
    let lost = vec![LostInterval { from: from.min(to), to: from.max(to) }];
    Ok(LogState { head, epoch, gc_floor, digest: bytes.arbitrary()?, lost })
}
