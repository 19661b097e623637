//! Cursors: read back as written, good as long as they are, and never a way to crash.

use super::*;
use proptest::prelude::*;

const EVERYTHING: Filter = Filter(0);

fn log() -> LogState {
    LogState { head: 1_000, epoch: 7, gc_floor: 0, digest: 0, lost: Vec::new() }
}

fn cursor(epoch: i64, after: i64) -> Cursor {
    Cursor { epoch, after, began: 0, filter: EVERYTHING }
}

fn verdict(log: &LogState, epoch: i64, after: i64) -> Result<i64, ResetReason> {
    cursor(epoch, after).judge(log, EVERYTHING)
}

#[test]
fn a_cursor_of_this_log_goes_on_where_it_stands() {
    assert_eq!(verdict(&log(), 7, 0), Ok(0));
    assert_eq!(verdict(&log(), 7, 500), Ok(500));
    assert_eq!(verdict(&log(), 7, 1_000), Ok(1_000));
}

#[test]
fn a_stamp_that_was_never_given_out_or_a_foreign_log_is_another_epoch() {
    assert_eq!(verdict(&log(), 7, 1_001), Err(ResetReason::Epoch));
    assert_eq!(verdict(&log(), 8, 500), Err(ResetReason::Epoch));
}

#[test]
fn whoever_missed_forgotten_deletions_begins_anew_but_not_whoever_began_later() {
    let log = LogState { gc_floor: 600, ..log() };
    assert_eq!(verdict(&log, 7, 599), Err(ResetReason::Expired));
    assert_eq!(verdict(&log, 7, 600), Ok(600));
    let beginning = Cursor::at_the_beginning(&log, EVERYTHING);
    assert_eq!(beginning.judge(&log, EVERYTHING), Ok(0));
    let halfway = Cursor { after: 300, ..beginning };
    assert_eq!(halfway.judge(&log, EVERYTHING), Ok(300));
    let later = LogState { gc_floor: 1_001, head: 2_000, ..log };
    assert_eq!(halfway.judge(&later, EVERYTHING), Err(ResetReason::Expired));
}

#[test]
fn other_collections_need_another_cursor() {
    let some = Filter::of(Some(&[Collection::Offers, Collection::Replies]));
    let same = Filter::of(Some(&[Collection::Replies, Collection::Offers, Collection::Offers]));
    let fewer = Filter::of(Some(&[Collection::Offers]));
    assert_eq!(some, same);
    let cursor = Cursor::at_the_head(&log(), some);
    assert_eq!(cursor.judge(&log(), same), Ok(1_000));
    assert_eq!(cursor.judge(&log(), fewer), Err(ResetReason::Filter));
    assert_eq!(cursor.judge(&log(), Filter::of(None)), Err(ResetReason::Filter));
}

#[test]
fn what_is_no_cursor_is_refused() {
    let good = cursor(7, 500).encode();
    assert_eq!(good.len(), 44);
    for bad in ["", "x", "AQ", "ä", &good[..40], &format!("{good}AAAA"), &format!("{good}=")] {
        assert_eq!(Cursor::decode(bad), Err(CursorError::Damaged), "{bad}");
    }
    let other = good.replacen("AQ", "Ag", 1);
    assert_eq!(Cursor::decode(&other), Err(CursorError::UnknownVersion(2)));
    assert_eq!(Cursor::decode(&cursor(7, -1).encode()), Err(CursorError::Damaged));
}

proptest! {
    #[test]
    fn cursors_are_read_back_as_written(
        epoch in any::<i64>(), after in 0..=i64::MAX, began in 0..=i64::MAX, filter in any::<u64>(),
    ) {
        let cursor = Cursor { epoch, after, began, filter: Filter(filter) };
        prop_assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
    }

    #[test]
    fn any_text_is_read_or_refused_and_has_one_meaning(text in "[A-Za-z0-9_=-]{0,60}|\\PC{0,20}") {
        if let Ok(cursor) = Cursor::decode(&text) {
            prop_assert_eq!(cursor.encode(), text);
        }
    }

    #[test]
    fn any_bytes_of_the_right_length_are_read_or_refused(bytes in any::<[u8; LEN]>()) {
        let text = URL_SAFE_NO_PAD.encode(bytes);
        if let Ok(cursor) = Cursor::decode(&text) {
            prop_assert_eq!(cursor.encode(), text);
        }
    }

    #[test]
    fn judging_never_panics_and_never_goes_beyond_the_head(
        cursor in any::<[i64; 3]>(), log in any::<[i64; 3]>(),
    ) {
        let [epoch, after, began] = cursor;
        let [head, now, gc_floor] = log;
        let log = LogState { head, epoch: now, gc_floor, digest: 0, lost: Vec::new() };
        let cursor = Cursor { epoch, after, began, filter: EVERYTHING };
        if let Ok(after) = cursor.judge(&log, EVERYTHING) {
            prop_assert!(after <= head);
        }
    }
}
