//! Records as rows: a column holds a text, a number, a boolean or null.
//!
//! Instants are Unix milliseconds; sets, lists and objects are JSON texts; everything else is as the record
//! has it. Columns that no record has are kept with it and come back. **Must never** judge a value: what
//! makes no sense is passed on as it is and refused where the rules are.

use afterview_domain::clock::{format_instant, from_millis};
use afterview_domain::entities::Collection;
use afterview_domain::entities::field::{Field, Kind};
use afterview_domain::entities::parse::parse_instant;
use afterview_domain::sync::ChangeRow;
use serde_json::{Map, Value};

/// What the library writes into a row for itself.
const OWN: &[&str] = &["id", "_status", "_changed", "created_at", "updated_at"];

/// System fields that are instants.
const INSTANTS: &[&str] = &["created_at", "updated_at"];

/// A record as a row.
///
/// # Errors
/// The stored text is damaged.
pub fn row(change: &ChangeRow) -> Result<Map<String, Value>, serde_json::Error> {
    let mut fields: Map<String, Value> = serde_json::from_str(&change.doc)?;
    if let Some(extra) = &change.extra {
        fields.extend(serde_json::from_str::<Map<String, Value>>(extra)?);
    }
    fields.insert("id".to_owned(), Value::from(change.id.clone()));
    Ok(row_of(change.collection, fields))
}

/// The fields of a record, the system's among them, as a row.
#[must_use]
pub fn row_of(collection: Collection, mut fields: Map<String, Value>) -> Map<String, Value> {
    fields.remove("rev");
    let columns = fields.into_iter().map(|(name, value)| {
        let column = column(collection, &name, value);
        (name, column)
    });
    columns.collect()
}

/// Says of every column that a record may lack and does lack, and of the app's own `mark`, that it is empty: the
/// library keeps what it has in a column that is left out.
pub fn empty_what_is_missing(
    collection: Collection,
    row: &mut Map<String, Value>,
    mark: Option<&str>,
) {
    let names = collection.shape().fields.iter().map(|field| field.name);
    for name in names.chain(mark) {
        row.entry(name).or_insert(Value::Null);
    }
}

/// The fields of a pushed row, as far as it has them.
#[must_use]
pub fn fields(collection: Collection, row: &Map<String, Value>) -> Map<String, Value> {
    let columns = row.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    let field = |name: &String| collection.shape().field(name);
    columns.map(|(name, value)| (name.clone(), value_of(field(name), value))).collect()
}

/// Whether two rows say the same about the columns of `pushed`. An empty column may be left out.
#[must_use]
pub fn says_the_same(pushed: &Map<String, Value>, served: &Map<String, Value>) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    let columns = pushed.iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
    columns.into_iter().all(|(name, value)| {
        let served = served.get(name).unwrap_or(&Value::Null);
        value == served || (empty(value) && empty(served))
    })
}

fn column(collection: Collection, name: &str, value: Value) -> Value {
    let is_instant = INSTANTS.contains(&name)
        || matches!(collection.shape().field(name), Some(Field { kind: Kind::Instant, .. }));
    match value {
        Value::String(text) if is_instant => parse_instant(&text)
            .map_or(Value::String(text), |at| Value::from(at.timestamp_millis())),
        Value::Array(_) | Value::Object(_) => Value::from(value.to_string()),
        scalar => scalar,
    }
}

/// What a column says about a field; about one that is not known, just what stands there.
fn value_of(field: Option<&Field>, value: &Value) -> Value {
    let Some(field) = field else { return value.clone() };
    match (&field.kind, value) {
        // A column that may not be null is empty instead.
        (kind, Value::String(text))
            if text.is_empty() && !matches!(kind, Kind::Text { min: 0, .. }) =>
        {
            Value::Null
        }
        (Kind::Instant, Value::Number(millis)) => {
            instant(millis.as_f64()).map_or_else(|| value.clone(), Value::from)
        }
        // SQLite's booleans.
        (Kind::Bool, Value::Number(number)) => match number.as_i64() {
            Some(0) => Value::from(false),
            Some(1) => Value::from(true),
            _ => value.clone(),
        },
        (
            Kind::Object(_)
            | Kind::List { .. }
            | Kind::Set { .. }
            | Kind::Fields
            | Kind::TextMap { .. },
            Value::String(text),
        ) => serde_json::from_str(text).unwrap_or_else(|_no_json| value.clone()),
        _ => value.clone(),
    }
}

/// The instant of a JavaScript time, if it is one of the years that records know.
fn instant(millis: Option<f64>) -> Option<String> {
    let millis = millis.filter(|millis| millis.is_finite() && (0.0..8.0e12).contains(millis))?;
    let whole: i64 = format!("{millis:.0}").parse().ok()?;
    Some(format_instant(from_millis(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else { panic!("no object") };
        map
    }

    fn stored(doc: &Value) -> ChangeRow {
        ChangeRow {
            collection: Collection::Interviews,
            id: "i1".to_owned(),
            rev: 7,
            txn: 7,
            deleted: false,
            cascade_of: None,
            doc: doc.to_string(),
            extra: Some(json!({"colour": "red", "mood": {"a": 1}}).to_string()),
        }
    }

    #[test]
    fn a_record_becomes_a_row_and_the_row_the_same_fields() {
        let doc = json!({"id": "i1", "rev": 7, "kind": "video", "starts_at": "2026-05-06T19:05:00Z",
            "talking_points": ["one", "two"], "updated_at": "1970-01-01T00:00:01Z"});
        let row = row(&stored(&doc)).expect("readable");
        assert_eq!(
            Value::Object(row.clone()),
            json!({"id": "i1", "kind": "video",
            "starts_at": 1_778_094_300_000_i64, "talking_points": "[\"one\",\"two\"]",
            "updated_at": 1000, "colour": "red", "mood": "{\"a\":1}"})
        );
        assert_eq!(
            Value::Object(fields(Collection::Interviews, &row)),
            json!({"kind": "video",
            "starts_at": "2026-05-06T19:05:00Z", "talking_points": ["one", "two"],
            "colour": "red", "mood": "{\"a\":1}"})
        );
        assert!(says_the_same(
            &map(json!({"_status": "updated", "kind": "video", "notes": ""})),
            &row
        ));
        assert!(!says_the_same(&map(json!({"kind": "onsite"})), &row));
    }

    #[test]
    fn what_makes_no_sense_is_passed_on() {
        let row =
            map(json!({"starts_at": 1e300, "talking_points": "[", "kind": "", "ends_at": -1}));
        assert_eq!(
            Value::Object(fields(Collection::Interviews, &row)),
            json!({"starts_at": 1e300, "talking_points": "[", "kind": null, "ends_at": -1})
        );
    }
}
