//! The tags that load the browser bundle.

use leptos::prelude::*;

/// Where the bundle's files lie, as the page's HTML names them (with the leading slash, or relative on a mirror).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleAddresses {
    /// The boot module: loads the other two and hydrates the islands.
    pub boot: String,
    /// The glue that the boot module imports.
    pub glue: String,
    /// The islands.
    pub wasm: String,
}

/// For `<head>`. Emits nothing without a bundle; the page is whole without it. None of these blocks the first paint.
#[component]
pub fn Scripts(
    /// `None` when the program was built without a bundle.
    bundle: Option<BundleAddresses>,
) -> impl IntoView {
    bundle.map(|bundle| {
        view! {
            <link rel="modulepreload" href=bundle.boot.clone() />
            <link rel="modulepreload" href=bundle.glue />
            <link rel="preload" href=bundle.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" src=bundle.boot></script>
        }
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_inline_and_no_bundle_means_no_tag() {
        let owner = Owner::new_root(None);
        let html = owner.with(|| {
            let bundle = BundleAddresses {
                boot: "/pkg/boot.1.js".to_owned(),
                glue: "/pkg/holdfast.2.js".to_owned(),
                wasm: "/pkg/holdfast.3.wasm".to_owned(),
            };
            view! { <Scripts bundle=Some(bundle) /> }.to_html()
        });
        assert!(
            html.contains(r#"<script type="module" src="/pkg/boot.1.js"></script>"#),
            "{html}"
        );
        assert!(html.contains("/pkg/holdfast.3.wasm"), "{html}");
        let empty = owner.with(|| view! { <Scripts bundle=None /> }.to_html());
        assert!(!empty.contains("script"), "{empty}");
    }
}
