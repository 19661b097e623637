//! Any pushes in the dialects of WatermelonDB and RxDB: no record fails one, the log stays whole, and a
//! record as row or document says what it says.

#![no_main]

mod memory;
#[expect(dead_code, unused_imports, reason = "facts and offices are for plans and phrases")]
mod soup;

use afterview_api::compat::rxdb::{self, View};
use afterview_api::compat::watermelondb::{self, Pulls, columns};
use afterview_domain::entities::Collection;
use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use memory::Memory;
use serde_json::{Map, Value, json};

const START_MILLIS: i64 = 1_778_090_000_000;

fuzz_target!(|data: &[u8]| {
    let mut log = Memory::at(START_MILLIS);
    if let Ok(body) = serde_json::from_slice::<Value>(data) {
        for collection in Collection::ALL {
            let _ = carry_out(&mut log, collection, &body, false);
        }
        return;
    }
    let mut bytes = Unstructured::new(data);
    for _ in 0..8 {
        if round(&mut bytes, &mut log).is_err() {
            return;
        }
    }
});

fn round(bytes: &mut Unstructured<'_>, log: &mut Memory) -> Result<()> {
    log.millis += i64::from(bytes.arbitrary::<u16>()?);
    log.device = if bytes.arbitrary()? { "phone" } else { "tablet" };
    let collection = *bytes.choose(&Collection::ALL)?;
    let strict = bytes.arbitrary()?;
    let body = if bytes.arbitrary()? {
        tables(bytes, collection)?
    } else {
        documents(bytes, log, collection)?
    };
    carry_out(log, collection, &body, strict);
    Ok(())
}

/// An array is pushed as RxDB does, an object as WatermelonDB does.
fn carry_out(log: &mut Memory, collection: Collection, body: &Value, strict: bool) {
    let before = log.head().head;
    match body {
        Value::Array(rows) => {
            let deleted_field = "_deleted".to_owned();
            let view = View { collection, deleted_field, fields: None };
            let conflicts = rxdb::push(log, &view, rows, strict).expect("memory does not fail");
            assert!(conflicts.len() <= rows.len());
            for conflict in conflicts {
                assert!(conflict["id"].is_string() && conflict["_deleted"].is_boolean());
            }
        }
        Value::Object(changes) => {
            let (state, pulls) = (log.head(), Pulls::default().with(before / 2).expect("one"));
            let mark = strict.then_some("is_deleted");
            watermelondb::push(log, changes, before, &pulls, &state, mark)
                .expect("memory does not fail");
        }
        _ => {}
    }
    log.check_whole(before);
    for record in log.alive() {
        let row = columns::row_of(record.collection, record.doc.clone());
        assert!(row.values().all(|value| !value.is_array() && !value.is_object()), "{row:?}");
        let back = columns::fields(record.collection, &row);
        for (name, value) in &back {
            assert_eq!(record.doc.get(name), Some(value), "{name} as a column: {row:?}");
        }
    }
}

fn id(bytes: &mut Unstructured<'_>, collection: Collection) -> Result<String> {
    Ok(match collection {
        Collection::Opportunities => "opp".to_owned(),
        Collection::Preferences => "me".to_owned(),
        _ => format!("{}{}", &collection.as_str()[..1], bytes.int_in_range(0..=1_u8)?),
    })
}

fn tables(bytes: &mut Unstructured<'_>, collection: Collection) -> Result<Value> {
    let mut lists = Map::new();
    for list in ["created", "updated"] {
        let mut rows = Vec::new();
        while bytes.arbitrary()? {
            let mut row = columns::row_of(collection, soup::edit(bytes, collection)?);
            let names: Vec<String> =
                row.keys().take(bytes.int_in_range(0..=3_usize)?).cloned().collect();
            row.insert("id".to_owned(), json!(id(bytes, collection)?));
            row.insert(
                "_status".to_owned(),
                json!(bytes.choose(&["created", "updated", "synced"])?),
            );
            row.insert("_changed".to_owned(), json!(names.join(",")));
            if bytes.ratio(1, 4)? {
                row.insert("is_deleted".to_owned(), json!(bytes.arbitrary::<bool>()?));
            }
            spoil(bytes, &mut row)?;
            rows.push(Value::Object(row));
        }
        lists.insert(list.to_owned(), json!(rows));
    }
    if bytes.ratio(1, 4)? {
        lists.insert("deleted".to_owned(), json!([id(bytes, collection)?]));
    }
    Ok(json!({ collection.as_str(): lists }))
}

fn documents(bytes: &mut Unstructured<'_>, log: &Memory, collection: Collection) -> Result<Value> {
    let mut rows = Vec::new();
    while bytes.arbitrary()? {
        let id = id(bytes, collection)?;
        let known = log.state.records.get(&(collection, id.clone()));
        let mut assumed = known.map(|record| record.doc.clone());
        if bytes.ratio(1, 4)? {
            assumed = Some(soup::edit(bytes, collection)?);
        }
        let mut sent = assumed.clone().unwrap_or_default();
        sent.extend(soup::edit(bytes, collection)?);
        sent.insert("id".to_owned(), json!(id));
        sent.insert("_deleted".to_owned(), json!(bytes.ratio(1, 4)?));
        spoil(bytes, &mut sent)?;
        rows.push(json!({ "newDocumentState": sent, "assumedMasterState": assumed }));
    }
    Ok(Value::Array(rows))
}

fn spoil(bytes: &mut Unstructured<'_>, map: &mut Map<String, Value>) -> Result<()> {
    if bytes.ratio(1, 8)? {
        let names: Vec<String> = map.keys().cloned().chain(["novel".to_owned()]).collect();
        let odd = [json!(null), json!(-1), json!(1e300), json!("{}"), json!([""]), json!({})];
        map.insert(bytes.choose(&names)?.clone(), bytes.choose(&odd)?.clone());
    }
    Ok(())
}
