//! Answers for people: calm, and always where it is saved and where it is shown.

use super::arguments::Global;
use serde_json::Value;
use std::io::Write;

/// Prints JSON as it is, or what `human` makes of it.
pub fn print(global: &Global, answer: &Value, human: impl FnOnce(&Value) -> String) {
    if global.json { say(&format!("{answer:#}\n")) } else { say(&format!("{}\n", human(answer).trim_end())) }
}

/// Writes to standard output. Whoever reads it may have seen enough and be gone; that is no failure.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _gone = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A text of an answer; empty when it is not there.
pub fn text<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().unwrap_or_default()
}

fn is(answer: &Value, key: &str) -> bool {
    answer[key].as_bool().unwrap_or(false)
}

/// A text that may have translations, in the page's first language.
pub fn written<'a>(answer: &'a Value, key: &str) -> &'a str {
    answer[key].as_str().or_else(|| answer[key]["default"].as_str()).unwrap_or_default()
}

/// What an operator does about an incident in conflict.
const CONFLICT: &str = "Conflict: two regions posted apart from each other. The least resolved status and the worst impact \
                        are shown until an update or an edit settles it.";

/// What was done, where it is saved and where it is shown.
pub fn receipt(done: &str, answer: &Value) -> String {
    let events = answer["events"].as_array().map_or(0, Vec::len);
    if events == 0 {
        return "Nothing differs; nothing was written.".to_owned();
    }
    let conflict = match answer["conflict"].as_str() {
        Some("settled") => {
            Some("Two regions had posted apart from each other; this write, which has seen both, settles it.")
        }
        Some(_) => Some(CONFLICT),
        None => None,
    };
    let mut lines = vec![format!("{done} Saved in {}.", regions(answer))];
    for key in ["incident", "update", "token"] {
        if let Some(id) = answer[key].as_str() {
            lines.push(format!("  {key:<9}{id}"));
        }
    }
    if let Some(page) = answer["page"].as_str() {
        lines.push(format!("  {:<9}{page}", "page"));
    }
    lines.extend(conflict.map(str::to_owned));
    lines.join("\n")
}

/// In how many regions, of all; an operator must know what would be lost with this machine.
pub fn regions(answer: &Value) -> String {
    let (saved, all) = (answer["saved_in"].as_u64().unwrap_or(0), answer["regions"].as_u64().unwrap_or(0));
    match (saved, all) {
        (_, 1) => "1 of 1 region".to_owned(),
        (1, _) => format!("1 of {all} regions: held by this region only"),
        _ => format!("{saved} of {all} regions"),
    }
}

/// Incidents or maintenances, one a line.
pub fn list(answer: &Value) -> String {
    let lines: Vec<String> = answer["incidents"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| {
            format!(
                "{}  {:<20}  {:<13}  {:<8}  {}{}",
                text(entry, "id"),
                text(entry, "started_at"),
                text(entry, "status"),
                text(entry, "impact"),
                written(entry, "title"),
                if is(entry, "conflict") { "  (conflict)" } else { "" }
            )
        })
        .collect();
    if lines.is_empty() { "There is none.".to_owned() } else { lines.join("\n") }
}

/// An incident or maintenance with its timeline, oldest first.
pub fn timeline(answer: &Value) -> String {
    let mut lines = vec![
        written(answer, "title").to_owned(),
        format!(
            "{} · impact {} · since {}",
            text(answer, "status"),
            text(answer, "impact"),
            text(answer, "started_at")
        ),
        text(answer, "page").to_owned(),
    ];
    if is(answer, "conflict") {
        lines.push(CONFLICT.to_owned());
    }
    for update in answer["updates"].as_array().into_iter().flatten() {
        let status = update["status"].as_str().unwrap_or("update");
        let apart = if is(update, "apart") { "  posted apart" } else { "" };
        let here = if is(update, "here_only") { "  held by this region only" } else { "" };
        lines.push(format!("\n{}  {status}  ({}){apart}{here}", text(update, "at"), text(update, "id")));
        lines.extend(written(update, "text").lines().map(|line| format!("  {line}")));
        for cell in update["scope"].as_array().into_iter().flatten() {
            let region = cell["region"].as_str().map(|region| format!("@{region}")).unwrap_or_default();
            lines.push(format!("  {}{region}={}", text(cell, "component"), text(cell, "status")));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn operators_are_told_of_a_conflict_and_of_its_end() {
        let answer = |conflict: Value| json!({"events": ["e"], "saved_in": 1, "regions": 2, "conflict": conflict});
        let said = |conflict| receipt("Published.", &answer(conflict));
        assert!(!said(Value::Null).contains("apart"), "{}", said(Value::Null));
        assert!(said(json!("settled")).ends_with("this write, which has seen both, settles it."));
        assert!(said(json!("open")).ends_with(CONFLICT));

        let incident = json!({
            "id": "p31zjtct2jer", "title": "API fails", "status": "identified", "impact": "major", "conflict": true,
            "updates": [
                {"id": "a", "at": "15:58", "status": "resolved", "text": "It is over.", "apart": true},
                {"id": "b", "at": "15:23", "status": "investigating", "text": "Broken.", "apart": false},
            ],
        });
        let shown = timeline(&incident);
        assert!(shown.contains(CONFLICT) && shown.contains("resolved  (a)  posted apart"), "{shown}");
        assert!(shown.contains("investigating  (b)\n"), "{shown}");
        assert!(list(&json!({"incidents": [incident]})).ends_with("API fails  (conflict)"));
    }
}
