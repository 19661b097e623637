//! Pages: complete, in order, and whole transactions where they fit.

use super::*;
use crate::entities::Collection;
use proptest::collection::vec;
use proptest::prelude::*;

/// A log whose transactions have these sizes, each row with a text of so many bytes.
fn log(transactions: &[Vec<(usize, bool)>]) -> Vec<ChangeRow> {
    let mut rows = Vec::new();
    for transaction in transactions {
        let txn = i64::try_from(rows.len()).expect("short") + 1;
        for (bytes, deleted) in transaction {
            let rev = i64::try_from(rows.len()).expect("short") + 1;
            rows.push(ChangeRow {
                collection: Collection::Offers,
                id: format!("r{rev}"),
                rev,
                txn,
                deleted: *deleted,
                cascade_of: None,
                doc: "x".repeat(*bytes),
                extra: None,
            });
        }
    }
    rows
}

fn of_sizes(sizes: &[usize]) -> Vec<ChangeRow> {
    log(&sizes.iter().map(|size| vec![(10, false); *size]).collect::<Vec<_>>())
}

#[test]
fn a_page_ends_where_a_transaction_ends() {
    let rows = of_sizes(&[2, 3, 1]);
    let page = |limit| cut(&rows[..rows.len().min(limit + 1)], limit, usize::MAX);
    assert_eq!(page(4), Page { taken: 2, has_more: true, partial_txn: false });
    assert_eq!(page(5), Page { taken: 5, has_more: true, partial_txn: false });
    assert_eq!(page(6), Page { taken: 6, has_more: false, partial_txn: false });
}

#[test]
fn a_transaction_larger_than_a_page_is_split_and_said_to_be() {
    let rows = of_sizes(&[5]);
    assert_eq!(
        cut(&rows[..3], 2, usize::MAX),
        Page { taken: 2, has_more: true, partial_txn: true }
    );
    let rest = cut(&rows[2..], 3, usize::MAX);
    assert_eq!(rest, Page { taken: 3, has_more: false, partial_txn: false });
}

#[test]
fn one_row_is_taken_however_large() {
    let rows = log(&[vec![(10_000, false)], vec![(1, false)]]);
    assert_eq!(cut(&rows, 10, 100), Page { taken: 1, has_more: true, partial_txn: false });
    assert_eq!(cut(&rows, 0, 0), Page { taken: 1, has_more: true, partial_txn: false });
}

#[test]
fn nothing_is_an_empty_last_page() {
    assert_eq!(cut(&[], 10, 10), Page { taken: 0, has_more: false, partial_txn: false });
}

#[test]
fn the_content_of_a_tombstone_takes_no_room() {
    let rows = log(&[vec![(10_000, true)], vec![(10_000, true)]]);
    assert_eq!(cut(&rows, 10, 1_000).taken, 2);
}

proptest! {
    #[test]
    fn pages_of_any_sizes_from_anywhere_are_one_big_pull(
        transactions in vec(vec((0_usize..400, any::<bool>()), 1..6), 0..20),
        start in 0_usize..40,
        sizes in vec((0_usize..8, 0_usize..1_500), 1..8),
    ) {
        let rows = log(&transactions);
        let all = rows.get(start..).unwrap_or_default();
        let (mut seen, mut sizes) = (0, sizes.iter().cycle());
        loop {
            let (limit, max_bytes) = *sizes.next().expect("cycles");
            let fetched = all[seen..].iter().take(limit.max(1) + 1);
            let fetched: Vec<ChangeRow> = fetched.cloned().collect();
            let page = cut(&fetched, limit, max_bytes);
            let (taken, rest) = fetched.split_at(page.taken);
            prop_assert!(page.taken <= limit.max(1));
            prop_assert!(!page.has_more || page.taken > 0);
            let bytes: usize = taken.iter().map(ChangeRow::wire_bytes).sum();
            prop_assert!(bytes <= max_bytes || page.taken == 1);
            let inside = taken.last().zip(rest.first()).is_some_and(|(a, b)| a.txn == b.txn);
            prop_assert_eq!(inside, page.partial_txn);
            if inside {
                let one = taken.iter().all(|row| Some(row.txn) == taken.first().map(|it| it.txn));
                prop_assert!(one, "only a transaction that fills a page is split");
            }
            seen += page.taken;
            if !page.has_more {
                break;
            }
        }
        prop_assert_eq!(seen, all.len());
    }
}
