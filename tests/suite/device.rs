//! A device as far as reading goes: its copy of the records, and how it gets there.

use afterview_tests::{Answer, Client};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What a device keeps of the records of its account: `collection:id` → revision and content.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Copy(pub(crate) BTreeMap<String, (i64, Value)>);

impl Copy {
    /// Takes over a change or a line of a snapshot.
    pub(crate) fn apply(&mut self, change: &Value) {
        let name = format!("{}:{}", change["c"].as_str().unwrap(), change["id"].as_str().unwrap());
        let rev = change["rev"].as_i64().unwrap();
        if change["deleted"] == true {
            assert_eq!(change.get("doc"), None);
            self.0.remove(&name);
        } else {
            assert_eq!(
                (&change["doc"]["rev"], &change["doc"]["id"]),
                (&change["rev"], &change["id"])
            );
            self.0.insert(name, (rev, change["doc"].clone()));
        }
    }

    /// The digest that the server would have for exactly these records.
    pub(crate) fn digest(&self) -> String {
        let digest = self.0.iter().fold(0, |digest, (name, (rev, _))| {
            let hash = Sha256::digest(format!("{name}:{rev}"));
            digest ^ u64::from_be_bytes(hash[..8].try_into().unwrap())
        });
        format!("{digest:016x}")
    }
}

/// The account and the session of an access token.
pub(crate) fn caller(client: &Client) -> (String, String) {
    let claims = URL_SAFE_NO_PAD.decode(client.token().split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let text = |name: &str| claims[name].as_str().unwrap().to_owned();
    (text("sub"), text("sid"))
}

/// One page after `cursor`.
pub(crate) async fn page(client: &Client, cursor: Option<&str>, more: &str) -> Answer {
    let cursor = cursor.map(|cursor| format!("cursor={cursor}&")).unwrap_or_default();
    client.get(&format!("/v1/sync/changes?{cursor}{more}")).await
}

/// Reads until there is no more; the changes, and the last page.
pub(crate) async fn drain(
    client: &Client,
    cursor: Option<&str>,
    more: &str,
) -> (Vec<Value>, Value) {
    let (mut all, mut cursor) = (Vec::new(), cursor.map(str::to_owned));
    loop {
        let page = page(client, cursor.as_deref(), more).await.expect(200);
        let changes = page["changes"].as_array().unwrap();
        assert!(page["has_more"] == false || !changes.is_empty(), "an empty page: {page}");
        let complete = page["has_more"] == false && !more.contains("collections");
        assert_eq!(page.get("digest").is_some(), complete);
        all.extend(changes.iter().cloned());
        cursor = page["cursor"].as_str().map(str::to_owned);
        if page["has_more"] == false {
            return (all, page);
        }
    }
}

/// Everything, as a device that begins with nothing has it, and its cursor.
pub(crate) async fn first_sync(client: &Client) -> (Copy, String) {
    let mut copy = Copy::default();
    let (changes, last) = drain(client, None, "").await;
    changes.iter().for_each(|change| copy.apply(change));
    assert_eq!(last["digest"], copy.digest());
    (copy, last["cursor"].as_str().unwrap().to_owned())
}

/// The identifiers of changes, in their order.
pub(crate) fn ids(changes: &[Value]) -> Vec<&str> {
    changes.iter().map(|change| change["id"].as_str().unwrap()).collect()
}
