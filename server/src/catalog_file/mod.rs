//! The catalog as a file that people edit: TOML, and the same shape as JSON in the API.
//!
//! - [`document`]: the shape, and its way to and from the domain's words
//! - [`place`]: the line that an entry stands on, for messages
//! - [`write`]: the file of a catalog, in the order of the page
//! - `written`: a text, plain or by language, as files and requests have it
//! - [`difference`]: what applying a file would change

pub mod difference;
pub mod document;
mod place;
mod write;
mod written;

pub use document::CatalogDocument;
pub use place::line_and_column;
pub use write::write;
pub use written::Written;

use domain::{
    Instant,
    catalog::Catalog,
    command::{
        Refusal,
        catalog::{Wanted, plan},
    },
};

/// Reads a catalog file.
///
/// # Errors
/// Everything that is wrong with it, each with its line where the file tells it.
pub fn parse(text: &str) -> Result<Wanted, Vec<Refusal>> {
    let document: CatalogDocument = toml::from_str(text).map_err(|error| vec![place::of_error(text, &error)])?;
    wanted(document).map_err(|refusals| place::with_lines(text, refusals))
}

/// The domain's words of a document, checked as a whole.
///
/// # Errors
/// Everything that is wrong with it, by field.
pub fn wanted(document: CatalogDocument) -> Result<Wanted, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let wanted = document.wanted(&mut refusals);
    // Whatever is wrong with a catalog is wrong with it on an empty board too.
    if let Err(more) = plan(&Catalog::default(), false, wanted.clone(), Instant::default()) {
        refusals.extend(more);
    }
    if refusals.is_empty() { Ok(wanted) } else { Err(refusals) }
}
