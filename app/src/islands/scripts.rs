//! The tags that load the browser bundle.

use leptos::prelude::*;

use crate::site::Site;

/// For `<head>`. Emits nothing without a bundle; the page is whole without it. None of these blocks the first paint.
/// The WebAssembly is not preloaded: a browser that runs no script would fetch it all the same, and complain that
/// nobody used it.
#[component]
pub fn Scripts<'a>(
    /// Names the three files as paths from the root (`/pkg/...`), and what stands before them.
    site: &'a Site,
) -> impl IntoView {
    let link = |path: &Option<String>| path.as_ref().map(|path| site.link(path));
    let (boot, glue) = (link(&site.files.boot), link(&site.files.glue));
    boot.zip(glue).map(|(boot, glue)| {
        view! {
            <link rel="modulepreload" href=boot.clone() />
            <link rel="modulepreload" href=glue />
            <script type="module" src=boot></script>
        }
    })
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::site::Files;

    fn html(site: Site) -> String {
        Owner::new_root(None).with(|| view! { <Scripts site=&site /> }.to_html())
    }

    #[test]
    fn nothing_is_inline_and_no_bundle_means_no_tag() {
        let files = Files {
            console_style: None,
            style: None,
            boot: Some("/pkg/boot.1.js".to_owned()),
            glue: Some("/pkg/holdfast.2.js".to_owned()),
            wasm: Some("/pkg/holdfast.3.wasm".to_owned()),
        };
        let tags = html(Site { files, base_path: "/status".to_owned(), ..Site::default() });
        assert!(tags.contains(r#"<script type="module" src="/status/pkg/boot.1.js"></script>"#), "{tags}");
        assert!(!tags.contains(".wasm"), "{tags}");
        assert!(!html(Site::default()).contains("script"));
    }
}
