//! How long a copy of a resource may be used, on a node and wherever else the same bytes are served from. All of them
//! may be shown while we cannot be reached: every page tells its age.

use crate::assets::Lifetime;
use app::address::Address;

/// What a snapshot says of itself, and every file of one that is served without its address: asked for again each time.
pub const COPY: &str = "no-cache";

/// The `Cache-Control` of a page or a document, which [states the present](Address::states_the_present) or not.
pub fn of(address: Address, states_the_present: bool) -> &'static str {
    match address {
        Address::NotFound => "public, max-age=5",
        Address::History(_) => "public, max-age=60, stale-while-revalidate=3600, stale-if-error=604800",
        _ if states_the_present => "public, max-age=5, stale-while-revalidate=10, stale-if-error=86400",
        _ => "public, max-age=15, stale-while-revalidate=30, stale-if-error=86400",
    }
}

/// That of one of the browser's files.
pub fn of_file(lifetime: Lifetime) -> &'static str {
    match lifetime {
        Lifetime::Forever => "public, max-age=31536000, immutable",
        Lifetime::Hour => "public, max-age=3600",
        Lifetime::Checked => "no-cache",
    }
}
