//! Light, dark, or as the system says; remembered.

use leptos::prelude::*;

/// Around the control: `#theme-control[hidden]` with a `select#theme` of the options `system`, `light` and `dark`.
/// Without script it stays hidden and the system decides.
#[component]
pub fn Theme(children: Children) -> impl IntoView {
    view! {
        {children()}
        <ThemeSwitch />
    }
}

/// Makes the control before it work.
#[island]
fn ThemeSwitch() -> impl IntoView {
    #[cfg(target_arch = "wasm32")]
    in_browser::start();
}

#[cfg(target_arch = "wasm32")]
mod in_browser {
    use wasm_bindgen::JsCast as _;
    use web_sys::HtmlSelectElement;

    use crate::islands::browser;

    const REMEMBERED: &str = "theme";
    const SYSTEM: &str = "system";
    const ATTRIBUTE: &str = "data-theme";

    pub fn start() {
        let select = browser::by_id("theme");
        let Some(select) = select.and_then(|found| found.dyn_into::<HtmlSelectElement>().ok()) else {
            return;
        };
        let remembered = browser::storage().and_then(|store| store.get_item(REMEMBERED).ok()?);
        if let Some(theme) = remembered {
            select.set_value(&theme);
            // A value that is no option leaves the control empty.
            if select.value().is_empty() {
                select.set_value(SYSTEM);
            }
            apply(&select.value());
        }
        if let Some(control) = browser::by_id("theme-control") {
            // The attribute was there or was not; both are fine.
            let _ = control.remove_attribute("hidden");
        }
        let chosen = select.clone();
        browser::listen(&select, "change", move |_| {
            let theme = chosen.value();
            apply(&theme);
            if let Some(store) = browser::storage() {
                // A store that is full or refused forgets; the choice holds for this page.
                let _ = store.set_item(REMEMBERED, &theme);
            }
        });
    }

    fn apply(theme: &str) {
        let root = browser::root();
        let _ = if theme == SYSTEM { root.remove_attribute(ATTRIBUTE) } else { root.set_attribute(ATTRIBUTE, theme) };
    }
}
