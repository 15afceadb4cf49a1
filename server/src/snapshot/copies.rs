//! The list of copies that a snapshot brings along, read back: whoever serves its files lets readers' browsers ask them,
//! and whoever posts to it names them again.

use app::site::{COPIES_MAX, CopyKind, SiteCopy};
use serde::Deserialize;

/// Where it stands in a snapshot.
pub const FILE: &str = "api/v1/copies.json";
/// Largest one, in bytes: it also tells how many events of each node are held.
pub const BYTES_MAX: u64 = 256 << 10;
/// Longest name of a copy, in bytes.
const NAME_BYTES_MAX: usize = 256;

#[derive(Deserialize)]
struct Document {
    copies: Vec<Copied>,
}

#[derive(Deserialize)]
struct Copied {
    kind: Kind,
    name: String,
    url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Region,
    Mirror,
}

/// The copies that a document names. `None`: it is none, or one of its entries is not what a configuration may hold.
pub fn read(bytes: &[u8]) -> Option<Vec<SiteCopy>> {
    if bytes.len() as u64 > BYTES_MAX {
        return None;
    }
    let Document { copies } = serde_json::from_slice(bytes).ok()?;
    let fits = |copy: &Copied| SiteCopy::is_address(&copy.url) && copy.name.len() <= NAME_BYTES_MAX;
    if copies.len() > COPIES_MAX || !copies.iter().all(fits) {
        return None;
    }
    let copy = |Copied { kind, name, url }: Copied| SiteCopy {
        kind: match kind {
            Kind::Region => CopyKind::Region,
            Kind::Mirror => CopyKind::Mirror,
        },
        name,
        url,
    };
    Some(copies.into_iter().map(copy).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn copies(count: usize, url: impl Fn(usize) -> String) -> Vec<u8> {
        let one = |number| json!({ "kind": "mirror", "name": "m", "url": url(number), "later": true });
        json!({ "origin": "o", "copies": (0..count).map(one).collect::<Vec<Value>>() }).to_string().into_bytes()
    }

    #[test]
    fn what_a_configuration_may_hold_is_read_and_nothing_else() {
        let both = json!({ "copies": [
            { "kind": "region", "name": "Guangzhou", "url": "https://gz.example.com" },
            { "kind": "mirror", "name": "bucket", "url": "https://bucket.example.com/status" },
        ] });
        let read_back = read(both.to_string().as_bytes()).expect("a list");
        let told: Vec<_> = read_back.iter().map(|copy| (copy.kind, copy.name.as_str(), copy.url.as_str())).collect();
        assert_eq!(
            told,
            [
                (CopyKind::Region, "Guangzhou", "https://gz.example.com"),
                (CopyKind::Mirror, "bucket", "https://bucket.example.com/status"),
            ]
        );
        let good = |number| format!("https://m{number}.example.com");
        assert_eq!(read(&copies(COPIES_MAX, good)).map(|copies| copies.len()), Some(COPIES_MAX));
        assert_eq!(read(&copies(0, good)), Some(Vec::new()));
        assert_eq!(read(&copies(COPIES_MAX + 1, good)), None, "too many");
        for url in ["https://a.example; script-src *", "javascript:alert(1)", "https://*.example", "*", ""] {
            assert_eq!(read(&copies(1, |_| url.to_owned())), None, "{url}");
        }
        let padded = [copies(1, good), vec![b' '; BYTES_MAX as usize]].concat();
        for bytes in [&b""[..], b"[]", b"{\"copies\": 3}", b"{\"copies\": [{\"url\": \"https://a.example\"}]}", &padded]
        {
            assert_eq!(read(bytes), None);
        }
    }
}
