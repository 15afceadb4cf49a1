//! Hot pages with every header, prepared once for each swap: what is left to do for a request is to look its path up,
//! to choose an encoding, and to send.

use super::{
    Answer,
    negotiate::{Accepted, Encoding},
    page,
    present::Present,
};
use crate::cache::{Cached, Hot};
use app::{address::Address, locale::Locale};
use axum::http::{HeaderMap, Method, StatusCode, header};
use std::{collections::HashMap, sync::Arc};

/// One hot page under a path that fixes its language, or one of two under a path that does not.
#[derive(Debug)]
pub struct Prepared {
    page: Arc<Cached>,
    status: StatusCode,
    /// In the order of [`Encoding::ALL`].
    headers: [HeaderMap; 3],
}

impl Prepared {
    fn new(page: &Arc<Cached>, negotiated: bool, present: &Present) -> Arc<Self> {
        let headers = Encoding::ALL.map(|encoding| page::headers(page, encoding, negotiated, present));
        Arc::new(Prepared { page: Arc::clone(page), status: page::status(page, present), headers })
    }

    fn answer(&self, method: &Method, request: &HeaderMap) -> Answer {
        let encoding = Accepted::of(request).choose(&self.page.bodies);
        let body = encoding.body(&self.page.bodies).unwrap_or(&self.page.bodies.identity);
        let headers = self.headers[encoding as usize].clone();
        page::respond(method, request, self.status, headers, body, encoding.etag(&self.page.etags))
    }
}

#[derive(Debug)]
enum Entry {
    Fixed(Arc<Prepared>),
    /// By language, in the order of [`Locale::ALL`].
    Negotiated(Vec<Arc<Prepared>>),
}

/// The hot pages by path.
#[derive(Debug)]
pub struct Ready {
    pub present: Present,
    paths: HashMap<Box<str>, Entry>,
}

impl Ready {
    pub fn of(hot: &Hot) -> Self {
        let present = Present::of(&hot.board, &hot.stamp);
        let mut paths = HashMap::new();
        let catalog = &hot.board.catalog;
        for ((address, locale), page) in &hot.pages {
            // A page that is not there has no path of its own.
            if *address == Address::NotFound {
                continue;
            }
            if !address.is_translated() {
                let entry = Entry::Fixed(Prepared::new(page, false, &present));
                paths.insert(address.path(catalog, None).into_boxed_str(), entry);
                continue;
            }
            let entry = Entry::Fixed(Prepared::new(page, false, &present));
            paths.insert(address.path(catalog, Some(*locale)).into_boxed_str(), entry);
            let by_language = Locale::ALL.iter().map(|locale| hot.pages.get(&(*address, *locale)));
            if *locale == Locale::default()
                && let Some(pages) = by_language.collect::<Option<Vec<_>>>()
            {
                let pages = pages.into_iter().map(|page| Prepared::new(page, true, &present)).collect();
                paths.insert(address.path(catalog, None).into_boxed_str(), Entry::Negotiated(pages));
            }
        }
        Ready { present, paths }
    }

    /// The response for a path, if it is a hot one. `method` is GET or HEAD.
    pub fn answer(&self, path: &str, method: &Method, request: &HeaderMap) -> Option<Answer> {
        let prepared = match self.paths.get(path)? {
            Entry::Fixed(prepared) => prepared,
            Entry::Negotiated(by_language) => {
                let wanted = language(request);
                let index = Locale::ALL.iter().position(|locale| *locale == wanted).unwrap_or(0);
                by_language.get(index)?
            }
        };
        Some(prepared.answer(method, request))
    }
}

/// The language that the request asks for.
pub fn language(request: &HeaderMap) -> Locale {
    let header = request.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    header.map_or(Locale::default(), Locale::negotiate)
}
