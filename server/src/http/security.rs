//! Security headers, on every response.

use app::site::SiteCopy;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::BTreeSet;

/// Only our own files, no inline script or style, no frame around us.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // Pages, badges and feeds are there to be read from anywhere: other regions, mirrors, other people's pages.
    (RESOURCE_POLICY, "cross-origin"),
];

/// Adds them.
pub fn secure(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// For the operators' pages, which nobody else's page has to hold.
pub fn keep_to_own_origin(headers: &mut HeaderMap) {
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

/// The policy of pages and of their worker, where the page has copies: it may ask their origins too. `None` where the
/// policy of [`secure`] says it all. The addresses were checked when the configuration was read.
pub fn policy_with(copies: &[SiteCopy]) -> Option<HeaderValue> {
    const OWN: &str = "connect-src 'self'";
    let origins: BTreeSet<&str> = copies.iter().map(SiteCopy::origin).collect();
    if origins.is_empty() {
        return None;
    }
    let all = origins.into_iter().fold(OWN.to_owned(), |all, origin| format!("{all} {origin}"));
    HeaderValue::from_str(&CONTENT_SECURITY_POLICY.replace(OWN, &all)).ok()
}

/// The `Strict-Transport-Security` header of the settings; `None` when it is switched off.
pub fn strict_transport(seconds: u64) -> Option<HeaderValue> {
    if seconds == 0 {
        return None;
    }
    HeaderValue::from_str(&format!("max-age={seconds}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::site::CopyKind;

    #[test]
    fn the_policy_allows_nothing_inline_and_no_other_origin() {
        assert!(!CONTENT_SECURITY_POLICY.contains("unsafe-inline"));
        assert!(!CONTENT_SECURITY_POLICY.contains("'unsafe-eval'"));
        assert!(!CONTENT_SECURITY_POLICY.contains("http"));
        assert!(!CONTENT_SECURITY_POLICY.contains("  "), "one line");
        assert!(CONTENT_SECURITY_POLICY.starts_with("default-src 'none'; "));
    }

    #[test]
    fn the_origins_of_copies_may_be_asked_and_nothing_more() {
        assert_eq!(policy_with(&[]), None);
        let copy = |url: &str| SiteCopy { kind: CopyKind::Mirror, name: "m".to_owned(), url: url.to_owned() };
        let copies =
            [copy("https://b.example/status"), copy("https://a.example:8443"), copy("https://b.example/other")];
        let policy = policy_with(&copies).expect("a policy");
        let all = "connect-src 'self' https://a.example:8443 https://b.example; manifest-src";
        let policy = policy.to_str().expect("ASCII");
        assert!(policy.contains(all), "{policy}");
        assert_eq!(policy.replace(" https://a.example:8443 https://b.example", ""), CONTENT_SECURITY_POLICY);
    }

    #[test]
    fn strict_transport_can_be_switched_off() {
        assert_eq!(strict_transport(0), None);
        assert_eq!(strict_transport(60).expect("a header"), "max-age=60");
    }
}
