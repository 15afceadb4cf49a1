//! How cookies are set and read: sent over HTTPS only (or to this very machine), to no script, to no foreign page.

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite, time::Duration};
use std::borrow::Cow;

/// The session.
pub const SESSION: &str = "holdfast-session";
/// How the name begins of those that say that the browser has signed in to an account before; one for each.
pub const DEVICE: &str = "holdfast-device-";
/// The password was right, and the second factor is asked for.
pub const SECOND_STEP: &str = "holdfast-second-step";
/// A sign-in by the provider is under way.
pub const PROVIDER: &str = "holdfast-provider";
/// Where the console's cookies are sent.
const PATH: &str = "/admin";

/// Cookies of one name that are looked at.
const SAME_NAME_MAX: usize = 8;

/// The cookies of this name, as the request has them.
pub fn all<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = String> + 'h {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = lines.flat_map(|line| Cookie::split_parse(line).filter_map(Result::ok));
    cookies.filter(move |cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned()).take(SAME_NAME_MAX)
}

/// The names of the request's cookies that begin so, in its order.
pub fn names<'h>(headers: &'h HeaderMap, beginning: &'h str) -> impl Iterator<Item = String> + 'h {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies = lines.flat_map(|line| Cookie::split_parse(line).filter_map(Result::ok));
    cookies.map(|cookie| cookie.name().to_owned()).filter(move |name| name.starts_with(beginning))
}

/// The `Set-Cookie` header of a cookie that lasts `seconds`.
pub fn set(
    name: impl Into<Cow<'static, str>>,
    value: String,
    domain: Option<&str>,
    seconds: i64,
) -> Option<HeaderValue> {
    set_as(SameSite::Strict, name, value, domain, seconds)
}

/// The same for a cookie that is also sent along when a link of another site leads here, as the way back from a provider.
pub fn set_lax(
    name: impl Into<Cow<'static, str>>,
    value: String,
    domain: Option<&str>,
    seconds: i64,
) -> Option<HeaderValue> {
    set_as(SameSite::Lax, name, value, domain, seconds)
}

fn set_as(
    same_site: SameSite,
    name: impl Into<Cow<'static, str>>,
    value: String,
    domain: Option<&str>,
    seconds: i64,
) -> Option<HeaderValue> {
    let mut cookie = Cookie::build((name.into(), value))
        .path(PATH)
        .http_only(true)
        .secure(true)
        .same_site(same_site)
        .max_age(Duration::seconds(seconds));
    if let Some(domain) = domain {
        cookie = cookie.domain(domain);
    }
    HeaderValue::from_str(&cookie.build().to_string()).ok()
}

/// The `Set-Cookie` header that takes a cookie back.
pub fn clear(name: impl Into<Cow<'static, str>>, domain: Option<&str>) -> Option<HeaderValue> {
    set(name, String::new(), domain, 0)
}
