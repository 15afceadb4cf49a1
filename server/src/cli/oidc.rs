//! The sign-in provider as the configuration names it.

use crate::{
    access::oidc::{ClientSecret, Provider, Settings},
    config::{self, Config},
};
use domain::command::Refusal;
use zeroize::Zeroizing;

/// What a node is told of its provider; `None` when the configuration names none.
pub fn settings(config: &Config) -> Option<Settings> {
    let oidc = config.console.oidc.as_ref()?;
    let client_secret = match (&oidc.client_secret_file, std::env::var(config::SECRET_VARIABLE)) {
        (Some(path), _) => ClientSecret::File(path.clone()),
        (None, Ok(text)) if !text.is_empty() => ClientSecret::Text(Zeroizing::new(text)),
        (None, _) => ClientSecret::None,
    };
    Some(Settings {
        issuer: oidc.issuer.clone(),
        client_id: oidc.client_id.clone(),
        client_secret,
        claim: oidc.claim.clone(),
        address: oidc.address.clone(),
        authorities: oidc.authorities.clone(),
    })
}

/// The provider of a node that begins to serve. What is wrong with it is told, and takes no other way in away.
pub fn provider(config: &Config) -> Option<Provider> {
    let settings = settings(config)?;
    if let Err(error) = settings.client_secret.read() {
        tracing::error!(error, "console.oidc.client_secret_file: nobody can sign in by the provider");
    }
    match Provider::new(settings) {
        Ok(provider) => Some(provider),
        Err(error) => {
            tracing::error!(%error, "console.oidc: nobody can sign in by the provider");
            None
        }
    }
}

/// Looks at all of it but the provider itself, which may be away.
pub fn check(config: &Config) -> Result<String, Refusal> {
    let Some(settings) = settings(config) else {
        return Ok("console.oidc: not set; operators sign in here alone".to_owned());
    };
    let right = "a file with the client secret alone, readable by the node's user";
    let secret = settings.client_secret.read();
    let secret = secret.map_err(|error| Refusal::new("console.oidc.client_secret_file", error, right))?;
    let issuer = settings.issuer.clone();
    Provider::new(settings).map_err(|error| {
        Refusal::new("console.oidc.authorities", error.to_string(), "a PEM file with the authorities' certificates")
    })?;
    let proof = if secret.is_some() { "with a client secret" } else { "as a public client" };
    Ok(format!("console.oidc: in order, {proof}; {issuer} itself was not asked"))
}
