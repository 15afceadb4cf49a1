//! Which file an address becomes: the table of the module above.

use app::{address::Address, locale::Locale};
use domain::catalog::Catalog;
use std::collections::BTreeSet;

/// The file of an address, from the snapshot's root, with `/` between its parts; `locale` as in [`Address::path`].
pub fn file(address: Address, catalog: &Catalog, locale: Option<Locale>) -> String {
    let path = address.path(catalog, locale);
    let path = path.trim_matches('/');
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match address {
        Address::NotFound => below("404.html"),
        Address::Feed(..)
        | Address::Calendar
        | Address::Badge(_)
        | Address::V2(_)
        | Address::Status
        | Address::Copies => path.to_owned(),
        _ => below("index.html"),
    }
}

/// Every file of an address with the language that it is rendered in. Each language once: what stands at the
/// negotiated path is the English page.
pub fn files(address: Address, catalog: &Catalog) -> Vec<(Locale, Vec<String>)> {
    let negotiated = file(address, catalog, None);
    if address == Address::Status {
        return vec![(Locale::English, vec![format!("{negotiated}.json"), negotiated])];
    }
    if !address.is_translated() {
        return vec![(Locale::English, vec![negotiated])];
    }
    let in_language = |locale: Locale| {
        let mut files = vec![file(address, catalog, Some(locale))];
        if locale == Locale::English {
            files.push(negotiated.clone());
        }
        (locale, files)
    };
    Locale::ALL.iter().copied().map(in_language).collect()
}

/// Every file of some addresses.
pub fn of_all(addresses: &[Address], catalog: &Catalog) -> BTreeSet<String> {
    addresses.iter().flat_map(|address| files(*address, catalog)).flat_map(|(_, files)| files).collect()
}

/// The file that a web server would send for a path of a link: the file itself, or a directory's page.
pub fn candidates(path: &str) -> [String; 2] {
    let path = path.trim_matches('/');
    let page = if path.is_empty() { "index.html".to_owned() } else { format!("{path}/index.html") };
    [path.to_owned(), page]
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::address::{FeedFormat, Selection, V2};
    use domain::id::IncidentId;

    #[test]
    fn every_kind_of_address_has_its_file() {
        let id: IncidentId = "5jfkz8q1mlql".parse().unwrap();
        let zh = Some(Locale::SimplifiedChinese);
        let cases = [
            (Address::Home, None, "index.html"),
            (Address::Home, zh, "zh/index.html"),
            (Address::NotFound, None, "404.html"),
            (Address::NotFound, zh, "zh/404.html"),
            (Address::Incident(id), None, "incidents/5jfkz8q1mlql/index.html"),
            (Address::Maintenance(id), zh, "zh/maintenance/5jfkz8q1mlql/index.html"),
            (Address::History(None), None, "history/index.html"),
            (Address::History("2024-04".parse().ok()), None, "history/2024-04/index.html"),
            (Address::Feed(FeedFormat::Atom, Selection::Whole), zh, "zh/history.atom"),
            (Address::V2(V2::Unresolved), zh, "api/v2/incidents/unresolved.json"),
            (Address::Status, None, "api/v1/status"),
            (Address::Copies, None, "api/v1/copies.json"),
            (Address::Calendar, None, "maintenance.ics"),
        ];
        for (address, locale, expected) in cases {
            assert_eq!(file(address, &Catalog::default(), locale), expected);
        }
    }

    #[test]
    fn a_translated_address_is_rendered_once_for_each_language() {
        let home = files(Address::Home, &Catalog::default());
        let names: Vec<Vec<String>> = home.into_iter().map(|(_, files)| files).collect();
        assert_eq!(
            names,
            [vec!["en/index.html".to_owned(), "index.html".to_owned()], vec!["zh/index.html".to_owned()]]
        );
        let status = files(Address::Status, &Catalog::default());
        assert_eq!(status[0].1, ["api/v1/status.json", "api/v1/status"]);
    }
}
