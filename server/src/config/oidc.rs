//! `[console.oidc]`: the provider by which operators may sign in too.

use serde::{Deserialize, Deserializer, de::Error};
use std::path::PathBuf;

/// What gives the client secret where no file is named.
pub const SECRET_VARIABLE: &str = "HOLDFAST_OIDC_CLIENT_SECRET";
/// Longest name on the button, in characters.
const NAME_MAX: usize = 60;

/// A provider of OpenID Connect. Operators stay those of the log, and every other way in stays.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Exactly as the provider calls itself.
    #[serde(deserialize_with = "issuer")]
    pub issuer: String,
    #[serde(deserialize_with = "client_id")]
    pub client_id: String,
    /// A file with the client secret alone. Without it the variable [`SECRET_VARIABLE`] is looked at; a client with
    /// neither is a public one.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// On the button.
    #[serde(default = "default_name", deserialize_with = "name")]
    pub name: String,
    /// The claim that must be an operator's sign-in name.
    #[serde(default = "default_claim", deserialize_with = "claim")]
    pub claim: String,
    /// This node's own address, to which the provider sends people back; by default the page's.
    #[serde(default, deserialize_with = "address")]
    pub address: Option<String>,
    /// Certificates (PEM) of the authorities to trust for the provider; by default the built-in ones.
    #[serde(default)]
    pub authorities: Option<PathBuf>,
}

fn default_name() -> String {
    "OpenID Connect".to_owned()
}

fn default_claim() -> String {
    "email".to_owned()
}

fn issuer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let right = "give it exactly as the provider's own `issuer`, such as `https://id.example.com/realms/ops`";
    match is_private(&text) && !text.contains(['?', '#']) {
        true => Ok(text),
        false => Err(D::Error::custom(format!("`{text}` is no https address without a query; {right}"))),
    }
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let authority = text.split_once("://").map_or("", |(_, rest)| rest);
    let right = "give what operators have before `/admin` in their browser, such as `https://eu.status.example.com`";
    match is_private(&text) && !authority.contains(['/', '?', '#']) {
        true => Ok(Some(text)),
        false => Err(D::Error::custom(format!("`{text}` is no https address without a path; {right}"))),
    }
}

fn client_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim().is_empty() {
        false => Ok(text),
        true => Err(D::Error::custom("it is empty; give the id that the provider has given to this page")),
    }
}

fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.trim().is_empty() || text.chars().count() > NAME_MAX {
        false => Ok(text),
        true => Err(D::Error::custom(format!(
            "the name on the button has 1 to {NAME_MAX} characters; give what operators call the provider"
        ))),
    }
}

fn claim<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.as_str() {
        // Neither the person's: they tell whom the token is of and for.
        "" | "iss" | "aud" | "nonce" | "azp" => Err(D::Error::custom(format!(
            "`{text}` names nobody; give `email`, `preferred_username`, or a claim that the provider keeps for it"
        ))),
        _ => Ok(text),
    }
}

/// Whether an address is https, or on this very machine.
fn is_private(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default();
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_plain = !host.is_empty() && !authority.contains(['@', ' ', '\\']);
    is_plain && (scheme == "https" || scheme == "http" && is_here)
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn what_is_left_out_has_a_default() {
        let text = "[console.oidc]\nissuer = \"https://id.example.com\"\nclient_id = \"holdfast\"\n";
        let oidc = parse(text).expect("a configuration").console.oidc.expect("a provider");
        assert_eq!((oidc.name.as_str(), oidc.claim.as_str()), ("OpenID Connect", "email"));
        assert_eq!((oidc.client_secret_file, oidc.address, oidc.authorities), (None, None, None));
    }

    #[test]
    fn every_mistake_names_its_line_and_what_is_right() {
        let cases = [
            ("issuer = \"http://id.example.com\"", "line 2, column 10", "exactly as the provider's own `issuer`"),
            ("issuer = \"https://\"", "line 2, column 10", "no https address"),
            ("issuer = \"https://a@b.example\"", "line 2, column 10", "no https address"),
            ("issuer = \"https://id.example.com?a\"", "line 2, column 10", "without a query"),
            ("issuer = \"https://id.example.com\"", "line 1", "missing field `client_id`"),
            ("client_id = \" \"", "line 2, column 13", "the id that the provider has given"),
            ("claim = \"aud\"", "line 2, column 9", "`preferred_username`"),
            ("name = \"\"", "line 2, column 8", "1 to 60 characters"),
            ("address = \"https://a.example/admin\"", "line 2, column 11", "before `/admin`"),
            ("client_secret = \"abc\"", "line 2, column 1", "unknown field `client_secret`"),
        ];
        for (line, place, what) in cases {
            let refusals = parse(&format!("[console.oidc]\n{line}\n")).expect_err(line);
            assert!(refusals[0].field.starts_with(place), "{line}: {}", refusals[0]);
            assert!(refusals[0].what.contains(what), "{line}: {}", refusals[0]);
        }
        for here in ["http://localhost:9000", "http://127.0.0.1:9000/a", "http://[::1]:9000"] {
            assert!(super::is_private(here), "{here}");
        }
    }
}
