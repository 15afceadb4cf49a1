//! The file of a catalog. Reading it back and applying it changes nothing.

use super::document::{CatalogDocument, RegionsDocument};
use crate::catalog_file::Written;
use domain::catalog::Catalog;
use std::fmt::Write as _;
use toml::Value;

/// Writes the file.
pub fn write(catalog: &Catalog) -> String {
    let document = CatalogDocument::from(catalog);
    let mut file = Lines(String::new());
    if let Some(page) = &document.page {
        file.table("[page]");
        file.text("name", Some(&page.name));
        file.string("url", Some(&page.url));
        file.string("time_zone", Some(&page.time_zone));
        file.text("notice", page.notice.as_ref());
        file.string("support_url", page.support_url.as_ref());
    }
    for (header, entries) in [("[[region]]", &document.region), ("[[group]]", &document.group)] {
        for entry in entries {
            file.table(header);
            file.string("code", Some(&entry.code));
            file.text("name", Some(&entry.name));
        }
    }
    for component in &document.component {
        file.table("[[component]]");
        file.string("code", Some(&component.code));
        file.string("id", component.id.as_ref());
        file.text("name", Some(&component.name));
        file.text("description", component.description.as_ref());
        file.string("group", component.group.as_ref());
        file.string("plane", Some(&component.plane.word().to_owned()));
        match &component.regions {
            None => {}
            Some(RegionsDocument::All(word)) => file.string("regions", Some(word)),
            Some(RegionsDocument::These(codes)) => file.list("regions", codes),
        }
        if !component.depends_on.is_empty() {
            file.list("depends_on", &component.depends_on);
        }
        file.string("since", component.since.as_ref());
    }
    file.0
}

struct Lines(String);

impl Lines {
    fn table(&mut self, header: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(header);
        self.0.push('\n');
    }

    fn line(&mut self, key: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn string(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.line(key, &quoted(value));
        }
    }

    fn list(&mut self, key: &str, values: &[String]) {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        self.line(key, &format!("[{}]", values.join(", ")));
    }

    fn text(&mut self, key: &str, text: Option<&Written>) {
        match text {
            None => {}
            Some(Written::Plain(text)) => self.line(key, &quoted(text)),
            Some(Written::ByLanguage(texts)) => {
                let pairs: Vec<String> = texts.iter().map(|(tag, text)| format!("{tag} = {}", quoted(text))).collect();
                self.line(key, &format!("{{ {} }}", pairs.join(", ")));
            }
        }
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
