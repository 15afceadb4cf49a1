//! `--scope` on the command line: `cloud-api=major_outage`, `cloud-api@ap-shanghai=operational`,
//! `cloud-api@!ap-shanghai=operational`, `group:platform@ap-shanghai=partial_outage`.

use domain::status::ComponentStatus;
use serde_json::{Value, json};
use std::str::FromStr;

/// What `--help` says of the notation.
pub const HELP: &str = "CODE[@REGION[,REGION]]=STATUS; @!REGION for all but that one; group:CODE for a whole group";

/// One `--scope`, as the API writes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope(pub Value);

/// Why a text is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}; write {HELP}")]
pub struct ScopeError(String);

impl FromStr for Scope {
    type Err = ScopeError;
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let (place, status) = text.split_once('=').ok_or_else(|| ScopeError("there is no `=STATUS`".to_owned()))?;
        let status: ComponentStatus = status.parse().map_err(|error| ScopeError(format!("{error}")))?;
        let (subject, regions) = match place.split_once('@') {
            None => (place, None),
            Some((subject, regions)) => (subject, Some(regions)),
        };
        let (kind, code) = match subject.strip_prefix("group:") {
            Some(code) => ("group", code),
            None => ("component", subject),
        };
        if code.is_empty() || regions.is_some_and(|regions| regions.trim_start_matches('!').is_empty()) {
            return Err(ScopeError("a code is missing".to_owned()));
        }
        let mut entry = json!({ kind: code, "status": status.word() });
        if let Some(regions) = regions {
            let (key, regions) = match regions.strip_prefix('!') {
                Some(but) => ("except", but),
                None => ("regions", regions),
            };
            entry[key] = regions.split(',').collect::<Vec<_>>().into();
        }
        Ok(Scope(entry))
    }
}

/// The `scope` of a request.
pub fn of(scopes: &[Scope]) -> Value {
    scopes.iter().map(|scope| scope.0.clone()).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_notation_becomes_an_entry_of_the_api() {
        let cases = [
            ("cloud-api=major_outage", json!({"component": "cloud-api", "status": "major_outage"})),
            (
                "cloud-api@ap-shanghai,ap-tokyo=operational",
                json!({"component": "cloud-api", "regions": ["ap-shanghai", "ap-tokyo"], "status": "operational"}),
            ),
            (
                "cloud-api@!ap-shanghai=operational",
                json!({"component": "cloud-api", "except": ["ap-shanghai"], "status": "operational"}),
            ),
            (
                "group:platform@ap-shanghai=partial_outage",
                json!({"group": "platform", "regions": ["ap-shanghai"], "status": "partial_outage"}),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Scope>(), Ok(Scope(expected)), "{text}");
        }
    }

    #[test]
    fn a_wrong_scope_says_what_is_right() {
        for (text, what) in [
            ("cloud-api", "no `=STATUS`"),
            ("cloud-api=down", "`down` is none of operational"),
            ("=operational", "a code is missing"),
            ("cloud-api@=operational", "a code is missing"),
            ("cloud-api@!=operational", "a code is missing"),
        ] {
            let error = text.parse::<Scope>().expect_err(text).to_string();
            assert!(error.contains(what) && error.contains(HELP), "{text}: {error}");
        }
    }
}
