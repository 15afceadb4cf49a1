//! What of a provider's tokens and claims is believed.

use super::provider::ProviderError::{self, Nobody, Untrue};
use domain::Instant;
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IdTokenClaims, IdTokenFields, Nonce, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse,
        CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Signatures that nobody but the holder of a private key makes.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Every claim that is no standard one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

pub(super) type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

pub(super) type Client = openidconnect::Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What a token or an address of the provider says of somebody.
pub(super) type Claims = IdTokenClaims<Others, CoreGenderClaim>;

/// The claims of the token, if it is what was asked for.
pub(super) fn verified(
    client: &Client,
    tokens: &Tokens,
    nonce: &Nonce,
    now: Instant,
) -> Result<Claims, ClaimsVerificationError> {
    let missing = || ClaimsVerificationError::Other("it gave no ID token".to_owned());
    let token = tokens.id_token().ok_or_else(missing)?;
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    token.clone().into_claims(&verifier, nonce)
}

/// Why a token is not believed.
pub(super) fn told(error: ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::SignatureVerification(error) => format!("its token: {error}"),
        other => format!("its token: {other}"),
    }
}

/// Claims by their names.
pub(super) fn object(claims: &impl Serialize) -> Result<Map<String, Value>, ProviderError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(Untrue("its claims cannot be read".to_owned())),
    }
}

/// The operator's sign-in name, if the claims have it.
pub(super) fn login_of(claims: &Map<String, Value>, claim: &str) -> Result<Option<String>, ProviderError> {
    let Some(login) = claims.get(claim).and_then(Value::as_str) else { return Ok(None) };
    // An address that nobody has proved to be theirs may be anybody's.
    if claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
        return Err(Nobody("it does not say that the e-mail address is verified".to_owned()));
    }
    Ok(Some(login.to_owned()))
}
