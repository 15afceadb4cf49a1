//! The fields of a form, in their order.

/// Longest form, in bytes: two texts of the longest kind, and a scope of every cell.
pub const FORM_BYTES_MAX: usize = 512 * 1024;
/// Fields of one form at most.
const FIELDS_MAX: usize = 8192;

/// What a form sent; browsers' line ends are made plain.
#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn parse(body: &[u8]) -> Fields {
        let pairs = form_urlencoded::parse(body).take(FIELDS_MAX);
        Fields(pairs.map(|(name, value)| (name.into_owned(), value.replace("\r\n", "\n"))).collect())
    }

    /// The first value of this name; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(held, _)| held == name).map_or("", |(_, value)| value.as_str())
    }

    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
