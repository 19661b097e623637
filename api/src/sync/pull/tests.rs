//! Pulling from a log in memory: whatever the sizes, a device ends with what is alive.

use super::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

struct Memory {
    log: LogState,
    rows: Vec<ChangeRow>,
}

impl Feed for Memory {
    type Error = Infallible;

    fn state(&mut self) -> Result<LogState, Infallible> {
        Ok(self.log.clone())
    }

    fn changes(
        &mut self,
        after: i64,
        until: i64,
        collections: Option<&[Collection]>,
        limit: usize,
    ) -> Result<Vec<ChangeRow>, Infallible> {
        let wanted = |row: &&ChangeRow| {
            after < row.rev
                && row.rev <= until
                && collections.is_none_or(|some| some.contains(&row.collection))
        };
        Ok(self.rows.iter().filter(wanted).take(limit).cloned().collect())
    }

    fn live(&mut self, _: Collection, _: &str, _: usize) -> Result<Vec<ChangeRow>, Infallible> {
        Ok(Vec::new())
    }
}

fn row(rev: i64, txn: i64, bytes: usize) -> ChangeRow {
    ChangeRow {
        collection: if rev % 2 == 0 { Collection::Offers } else { Collection::Contacts },
        id: format!("r{rev}"),
        rev,
        txn,
        deleted: false,
        cascade_of: None,
        doc: format!("\"{}\"", "x".repeat(bytes)),
        extra: None,
    }
}

fn memory(rows: Vec<ChangeRow>) -> Memory {
    let head = rows.last().map_or(0, |row| row.rev) + 5;
    let log = LogState { head, epoch: 0x2a, gc_floor: 0, digest: -1, lost: Vec::new() };
    Memory { log, rows }
}

/// 350 records, every third of them deleted, in transactions of up to 7, some of them large.
fn large() -> Memory {
    let rows = (1..=350).map(|rev| {
        let bytes = if rev % 50 == 0 { 3_000 } else { 10 };
        ChangeRow { deleted: rev % 3 == 0, ..row(rev, rev / 7, bytes) }
    });
    memory(rows.collect())
}

fn pull(feed: &mut Memory, request: &PullRequest) -> PullAnswer {
    answer(feed, request, &Delivered::new()).expect("never fails")
}

/// Pages until there is no more; the changes and how many pages it took.
fn drain(feed: &mut Memory, mut request: PullRequest) -> (Vec<ChangeRow>, usize, PullAnswer) {
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let answer = pull(feed, &request);
        assert!(!answer.has_more || !answer.changes.is_empty());
        assert_eq!(answer.digest.is_some(), !answer.has_more && request.collections.is_none());
        pages += 1;
        all.extend(answer.changes.iter().cloned());
        request.cursor = answer.cursor.map(|cursor| cursor.encode());
        if !answer.has_more {
            return (all, pages, answer);
        }
    }
}

#[test]
fn small_pages_bring_what_one_large_page_brings() {
    let cursor = Cursor::at_the_head(&LogState { head: 11, ..large().log }, Filter::of(None));
    for from in [None, Some(cursor.encode())] {
        let whole = PullRequest { cursor: from.clone(), limit: 1_000, ..PullRequest::default() };
        let (once, pages, _) = drain(&mut large(), whole.clone());
        assert_eq!(pages, 1);
        for (limit, max_bytes) in [(1, 1), (3, 1 << 20), (99, 1 << 20), (101, 5_000), (400, 200)] {
            let small = PullRequest { limit, max_bytes, ..whole.clone() };
            let (all, pages, last) = drain(&mut large(), small);
            assert!(pages > 1 && all == once, "{limit} {max_bytes}");
            assert_eq!(last.cursor.map(|cursor| cursor.after), Some(355));
        }
    }
}

#[test]
fn a_device_that_begins_hears_of_no_deletion_from_before_but_of_those_in_between() {
    let mut feed = large();
    let request = PullRequest { limit: 20, ..PullRequest::default() };
    let first = pull(&mut feed, &request);
    let gone = first.changes.first().expect("a change").clone();
    assert_eq!(gone.rev, 1);
    feed.rows.retain(|row| row.rev != 1);
    feed.rows.push(ChangeRow { rev: 400, txn: 400, deleted: true, ..gone });
    feed.log.head = 400;
    feed.log.gc_floor = 300;
    let cursor = first.cursor.map(|cursor| cursor.encode());
    let (rest, _, _) = drain(&mut feed, PullRequest { cursor, ..request });
    let mut device = BTreeMap::new();
    for change in first.changes.into_iter().chain(rest) {
        assert!(!change.deleted || change.rev == 400, "{change:?}");
        device.insert(change.id.clone(), change);
    }
    device.retain(|_, change| !change.deleted);
    let alive = feed.rows.iter().filter(|row| !row.deleted);
    assert!(alive.map(|row| &row.id).all(|id| device.contains_key(id)));
    assert_eq!(device.len(), feed.rows.iter().filter(|row| !row.deleted).count());
}

#[test]
fn a_record_larger_than_an_answer_comes_alone_and_is_not_the_end() {
    let mut feed = memory(vec![row(1, 1, 5_000), row(2, 2, 5_000)]);
    let answer = pull(&mut feed, &PullRequest { max_bytes: 100, ..PullRequest::default() });
    assert_eq!((answer.changes.len(), answer.has_more), (1, true));
}

#[test]
fn what_was_delivered_already_is_left_out_but_not_its_later_state() {
    let mut feed = memory(vec![row(1, 1, 1), row(2, 2, 1), row(3, 3, 1)]);
    let delivered = Delivered::from([
        (Collection::Offers, "r2".to_owned(), 2),
        (Collection::Contacts, "r3".to_owned(), 1),
    ]);
    let answer = answer(&mut feed, &PullRequest::default(), &delivered).expect("never fails");
    let revs: Vec<i64> = answer.changes.iter().map(|row| row.rev).collect();
    assert_eq!((revs, answer.cursor.map(|cursor| cursor.after)), (vec![1, 3], Some(8)));
}

#[test]
fn texts_are_sent_as_they_are_stored() {
    let mut feed = memory(vec![
        ChangeRow { extra: Some("{\"new\": 1.0}".to_owned()), ..row(1, 1, 1) },
        ChangeRow { deleted: true, cascade_of: Some("contacts/r1".to_owned()), ..row(2, 1, 1) },
    ]);
    let cursor = Cursor::at_the_head(&LogState { head: 0, ..feed.log.clone() }, Filter::of(None));
    let request = PullRequest { cursor: Some(cursor.encode()), ..PullRequest::default() };
    let (answer, mut text) = (pull(&mut feed, &request), String::new());
    answer.write_members(&mut text);
    let cursor = answer.cursor.expect("a cursor").encode();
    assert_eq!(
        text,
        format!(
            "\"epoch\":\"000000000000002a\",\"changes\":[\
             {{\"c\":\"contacts\",\"id\":\"r1\",\"rev\":1,\"doc\":\"x\",\"extra\":{{\"new\": 1.0}}}},\
             {{\"c\":\"offers\",\"id\":\"r2\",\"rev\":2,\"deleted\":true,\"cascade_of\":\"contacts/r1\"}}],\
             \"cursor\":\"{cursor}\",\"has_more\":false,\"digest\":\"ffffffffffffffff\""
        )
    );
}

#[test]
fn a_split_transaction_is_said_to_be_split() {
    let mut feed = memory((1..=5).map(|rev| row(rev, 1, 1)).collect());
    let (answer, mut text) =
        (pull(&mut feed, &PullRequest { limit: 2, ..PullRequest::default() }), String::new());
    answer.write_members(&mut text);
    assert!(text.ends_with(",\"has_more\":true,\"partial_txn\":true"), "{text}");
}

#[test]
fn a_useless_cursor_is_answered_with_why_and_where_to_begin() {
    let mut feed = memory(vec![row(1, 1, 1)]);
    feed.log.gc_floor = 2;
    let at = |epoch, after| Cursor { epoch, after, began: 0, filter: Filter::of(None) }.encode();
    for (cursor, reason) in [
        ("nonsense".to_owned(), "cursor"),
        (at(1, 2), "epoch"),
        (at(0x2a, 1), "expired"),
        (
            Cursor {
                filter: Filter::of(Some(&[])),
                ..Cursor::at_the_head(&feed.log, Filter::of(None))
            }
            .encode(),
            "filter",
        ),
    ] {
        let request = PullRequest { cursor: Some(cursor), ..PullRequest::default() };
        let (answer, mut text) = (pull(&mut feed, &request), String::new());
        answer.write_members(&mut text);
        assert_eq!(
            text,
            format!(
                "\"epoch\":\"000000000000002a\",\"changes\":[],\"has_more\":false,\
                 \"reset\":{{\"reason\":\"{reason}\",\"snapshot\":\"/v1/sync/snapshot\"}}"
            )
        );
    }
}
