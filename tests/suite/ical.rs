//! Reading calendars in tests: unfolded, in components, and nothing forgiven.

use afterview_tests::{Answer, Client};
use serde_json::{Value, json};

/// A component: its properties in their order, and the components in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Component {
    pub(crate) name: String,
    pub(crate) properties: Vec<(String, String)>,
    pub(crate) inner: Vec<Component>,
}

impl Component {
    /// The one component of a text, after checking the form of every line.
    pub(crate) fn read(text: &str) -> Self {
        let body = text.strip_suffix("\r\n").unwrap();
        for line in body.split("\r\n") {
            assert!(!line.contains(['\r', '\n']) && line.len() <= 75, "{line:?}");
        }
        let unfolded = body.replace("\r\n ", "");
        let mut open = vec![Self::default()];
        for line in unfolded.split("\r\n") {
            let (name, value) = line.split_once(':').unwrap();
            match name {
                "BEGIN" => open.push(Self { name: value.to_owned(), ..Self::default() }),
                "END" => {
                    let done = open.pop().unwrap();
                    assert_eq!(done.name, value);
                    open.last_mut().unwrap().inner.push(done);
                }
                _ => open.last_mut().unwrap().properties.push((name.to_owned(), value.to_owned())),
            }
        }
        let [root] = open.as_slice() else { panic!("not closed: {open:?}") };
        let [calendar] = root.inner.as_slice() else { panic!("not one: {root:?}") };
        calendar.clone()
    }

    /// The value of the one property of that name, whatever its parameters.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let named = |given: &str| given == name || given.starts_with(&format!("{name};"));
        let mut found = self.properties.iter().filter(|(given, _)| named(given));
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} stands twice");
        first
    }

    /// The components of that name in it.
    pub(crate) fn all(&self, name: &str) -> Vec<&Self> {
        self.inner.iter().filter(|component| component.name == name).collect()
    }

    /// The only event.
    pub(crate) fn event(&self) -> &Self {
        let events = self.all("VEVENT");
        assert_eq!(events.len(), 1, "{events:?}");
        events[0]
    }

    /// The event with those words in its title.
    pub(crate) fn titled(&self, words: &str) -> &Self {
        let events = self.all("VEVENT");
        let titled = |it: &&&Self| it.get("SUMMARY").is_some_and(|title| title.contains(words));
        events.iter().find(titled).unwrap_or_else(|| panic!("no {words} in {events:#?}"))
    }

    /// The number of its changes.
    pub(crate) fn sequence(&self) -> i64 {
        self.get("SEQUENCE").unwrap().parse().unwrap()
    }

    /// The triggers of its alarms.
    pub(crate) fn triggers(&self) -> Vec<&str> {
        self.all("VALARM").into_iter().map(|alarm| alarm.get("TRIGGER").unwrap()).collect()
    }
}

/// Makes a feed and gives the path of its address.
pub(crate) async fn feed(client: &Client, body: Value) -> String {
    path(&client.post("/v1/calendar-feeds", body).await.expect(201))
}

/// The path of the address in an answer.
pub(crate) fn path(made: &Value) -> String {
    let url = made["url"].as_str().unwrap();
    url.strip_prefix("http://afterview.test").unwrap().to_owned()
}

/// A feed that tells everything.
pub(crate) async fn full(client: &Client) -> String {
    feed(client, json!({"detail": "full"})).await
}

/// Reads the calendar at `path` as a calendar program does, which has no token.
pub(crate) async fn fetch(client: &Client, path: &str) -> Answer {
    let answer = client.with_token("").get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// The same, read.
pub(crate) async fn calendar(client: &Client, path: &str) -> Component {
    Component::read(&fetch(client, path).await.text)
}
