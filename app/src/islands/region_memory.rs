//! The region that the reader looked at last, one click away on the home page.

use leptos::prelude::*;

/// Remembers the region of a page `.../regions/CODE`; elsewhere shows `#my-region`, if the page links to that region.
#[island]
pub fn RegionMemory() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    in_browser::start();
}

/// The region's code in the path of a region's page, in any locale and below any prefix.
pub fn region_of_path(path: &str) -> Option<&str> {
    let (_, after) = path.split_once("/regions/")?;
    let code = after.split('/').next()?;
    let code = code.strip_suffix(".html").unwrap_or(code);
    is_code(code).then_some(code)
}

/// Whether it can stand in a selector: what the store holds may be anything.
pub fn is_code(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use super::{is_code, region_of_path};
    use crate::islands::{REFRESHED, browser};

    const REMEMBERED: &str = "region";

    pub fn start() {
        let path = browser::window().location().pathname().unwrap_or_default();
        let Some(store) = browser::storage() else {
            return;
        };
        if let Some(code) = region_of_path(&path) {
            // A store that is full or refused forgets.
            let _ = store.set_item(REMEMBERED, code);
            return;
        }
        if let Ok(Some(code)) = store.get_item(REMEMBERED)
            && is_code(&code)
        {
            show(&code);
            browser::listen(&browser::document(), REFRESHED, move |_| show(&code));
        }
    }

    /// The page's own link has the right address, name and language; a region that is gone has none.
    fn show(code: &str) {
        let links = format!("a[href$=\"/regions/{code}\"], a[href$=\"/regions/{code}.html\"]");
        let (Some(place), Some(link)) = (
            browser::by_id("my-region"),
            browser::all(&links).into_iter().find(|link| link.closest("#my-region").ok().flatten().is_none()),
        ) else {
            return;
        };
        let Ok(Some(target)) = place.query_selector("a") else {
            return;
        };
        if let Some(address) = link.get_attribute("href") {
            let _ = target.set_attribute("href", &address);
            browser::set_text(&target, link.text_content().unwrap_or_default().trim());
            let _ = place.remove_attribute("hidden");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_found_in_any_locale_and_below_any_prefix() {
        for (path, region) in [
            ("/regions/ap-shanghai", Some("ap-shanghai")),
            ("/zh/regions/ap-shanghai/", Some("ap-shanghai")),
            ("/bucket/regions/eu-1.html", Some("eu-1")),
            ("/regions/", None),
            ("/regions/a\"]", None),
            ("/history", None),
        ] {
            assert_eq!(region_of_path(path), region, "{path}");
        }
    }
}
