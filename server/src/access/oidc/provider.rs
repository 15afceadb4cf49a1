//! What is asked of the provider, and what of its answers is believed.

use super::{
    Answer, CODE_BYTES_MAX,
    fetch::{Fetcher, is_private},
    secret,
};
use domain::Instant;
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId,
    CsrfToken, DiscoveryError, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenClaims,
    IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    UserInfoClaims, UserInfoError,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreClientAuthMethod, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use zeroize::Zeroizing;

/// How long what the provider says of itself, its keys among it, is believed, in seconds.
pub const KNOWN_SECONDS: i64 = 600;
/// How long one who could not be asked is not asked again, in seconds.
pub const AWAY_SECONDS: i64 = 5;
/// How old its keys must be to be fetched anew for a token of a key that is not among them, in seconds.
const KEYS_SECONDS_MIN: i64 = 30;
/// Time for all that one step asks of it, in seconds.
const STEP_SECONDS_MAX: u64 = 12;
/// Sign-ins by the provider at once.
const TURNS_MAX: usize = 16;
/// Longest client secret, in bytes.
const SECRET_BYTES_MAX: u64 = 4096;
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

/// What the client proves itself with.
#[derive(Clone)]
pub enum ClientSecret {
    /// A public client: PKCE alone.
    None,
    /// Read at each sign-in, so that a new one needs no restart.
    File(PathBuf),
    Text(Zeroizing<String>),
}

impl ClientSecret {
    /// The secret itself.
    ///
    /// # Errors
    /// What is wrong with its file.
    pub fn read(&self) -> Result<Option<Zeroizing<String>>, String> {
        let path = match self {
            ClientSecret::None => return Ok(None),
            ClientSecret::Text(text) => return Ok(Some(text.clone())),
            ClientSecret::File(path) => path,
        };
        let unusable = |what: &dyn std::fmt::Display| format!("{}: {what}", path.display());
        let bytes = std::fs::metadata(path).map_err(|error| unusable(&error))?.len();
        if bytes > SECRET_BYTES_MAX {
            return Err(unusable(&format!("it has {bytes} bytes; a client secret has at most {SECRET_BYTES_MAX}")));
        }
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unusable(&error))?);
        match text.trim() {
            "" => Err(unusable(&"it is empty")),
            secret => Ok(Some(Zeroizing::new(secret.to_owned()))),
        }
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("ClientSecret")
    }
}

/// What a node is told of its provider.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Exactly as the provider calls itself.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: ClientSecret,
    /// The claim that is the operator's sign-in name.
    pub claim: String,
    /// The console's own address, without a slash at its end; by default the page's.
    pub address: Option<String>,
    /// A PEM file with the certificates of the authorities to trust; by default the built-in ones.
    pub authorities: Option<PathBuf>,
}

/// Settings that no provider can be asked with.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UnusableProvider(String);

/// What went wrong with the provider.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    #[error("{0}")]
    Unreachable(String),
    #[error("{0}")]
    Untrue(String),
    /// What it says is true, and names no operator.
    #[error("{0}")]
    Nobody(String),
}

use ProviderError::{Nobody, Unreachable, Untrue};

/// What has to be known again when the answer comes.
#[derive(Serialize, Deserialize)]
pub struct Asking {
    pub state: String,
    nonce: String,
    verifier: String,
}

/// A sign-in that begins.
pub struct Asked {
    pub url: String,
    pub asking: Asking,
}

/// Every claim that is no standard one.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Others {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for Others {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
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

/// What is known of the provider.
#[derive(Debug)]
enum Known {
    Nothing,
    Says { metadata: Arc<CoreProviderMetadata>, since: Instant },
    Away { what: String, since: Instant },
}

/// The provider, as this node sees it.
#[derive(Debug)]
pub struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    fetcher: Fetcher,
    /// Held while it is asked, so that many who press the button ask once.
    known: Mutex<Known>,
    turns: Semaphore,
}

fn is_within(since: Instant, seconds: i64, now: Instant) -> bool {
    (0..seconds).contains(&(now - since).num_seconds())
}

impl Provider {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// When the issuer is no address, or the authorities cannot be read.
    pub fn new(settings: Settings) -> Result<Provider, UnusableProvider> {
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|error| UnusableProvider(error.to_string()))?;
        let fetcher = Fetcher::new(settings.authorities.as_deref()).map_err(UnusableProvider)?;
        let (known, turns) = (Mutex::new(Known::Nothing), Semaphore::new(TURNS_MAX));
        Ok(Provider { settings, issuer, fetcher, known, turns })
    }

    pub fn address(&self) -> Option<&String> {
        self.settings.address.as_ref()
    }

    /// One of the sign-ins that may go on at once; `None` when there are too many.
    pub fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.try_acquire().ok()
    }

    /// What it says of itself, if need be asked anew: after a while, or when its keys are older than `keys_seconds_max`.
    async fn metadata(&self, now: Instant, seconds_max: i64) -> Result<Arc<CoreProviderMetadata>, ProviderError> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Says { metadata, since } if is_within(*since, seconds_max, now) => return Ok(Arc::clone(metadata)),
            Known::Away { what, since } if is_within(*since, AWAY_SECONDS, now) => {
                return Err(Unreachable(format!("a moment ago: {what}")));
            }
            _ => {}
        }
        match CoreProviderMetadata::discover_async(self.issuer.clone(), &self.fetcher).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known::Says { metadata: Arc::clone(&metadata), since: now };
                Ok(metadata)
            }
            Err(error) => {
                let what = match error {
                    DiscoveryError::Request(error) => error.to_string(),
                    other => format!("what it says of itself: {other}"),
                };
                *known = Known::Away { what: what.clone(), since: now };
                Err(Unreachable(what))
            }
        }
    }

    async fn client(&self, metadata: &CoreProviderMetadata, back_to: &str) -> Result<Client, ProviderError> {
        let secret = self.settings.client_secret.clone();
        let secret = tokio::task::spawn_blocking(move || secret.read()).await;
        let secret = secret.map_err(|error| Unreachable(error.to_string()))?;
        let secret = secret.map_err(|error| Unreachable(format!("the client secret: {error}")))?;
        let secret = secret.map(|secret| openidconnect::ClientSecret::new(secret.as_str().to_owned()));
        // Basic is what a provider takes that does not say.
        let ways = metadata.token_endpoint_auth_methods_supported();
        let takes = |way| ways.is_none_or(|ways| ways.contains(&way));
        let auth = match takes(CoreClientAuthMethod::ClientSecretBasic) {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        };
        let back_to =
            RedirectUrl::new(back_to.to_owned()).map_err(|error| Unreachable(format!("{back_to}: {error}")))?;
        let id = ClientId::new(self.settings.client_id.clone());
        Ok(Client::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(back_to).set_auth_type(auth))
    }

    /// Where to send a browser, and what to remember until it is back.
    ///
    /// # Errors
    /// When the provider cannot be asked.
    pub async fn ask(&self, back_to: &str, now: Instant) -> Result<Asked, ProviderError> {
        in_time(async {
            let metadata = self.metadata(now, KNOWN_SECONDS).await?;
            let client = self.client(&metadata, back_to).await?;
            let fresh = || secret::fresh().map(|secret| secret.as_str().to_owned());
            let entropy = |error: getrandom::Error| Unreachable(format!("no random bytes: {error}"));
            let (state, nonce) = (fresh().map_err(entropy)?, fresh().map_err(entropy)?);
            let verifier = fresh().map_err(entropy)?;
            let asking = Asking { state: state.clone(), nonce: nonce.clone(), verifier: verifier.clone() };
            let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
            let asked = client.authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce));
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier));
            let scope = match self.settings.claim.as_str() {
                "email" => "email",
                _ => "profile",
            };
            let (url, _, _) = asked.set_pkce_challenge(challenge).add_scope(Scope::new(scope.to_owned())).url();
            match url.as_str().parse() {
                Ok(uri) if is_private(&uri) => Ok(Asked { url: url.into(), asking }),
                _ => Err(Untrue("it asks people to sign in at an address that is not https".to_owned())),
            }
        })
        .await
    }

    /// The sign-in name that the provider vouches for.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn redeem(
        &self,
        asking: &Asking,
        answer: &Answer,
        back_to: &str,
        now: Instant,
    ) -> Result<String, ProviderError> {
        if !answer.issuer.is_empty() && answer.issuer != self.settings.issuer {
            return Err(Untrue(format!("the answer is of another provider, `{}`", answer.issuer)));
        }
        if answer.code.is_empty() || answer.code.len() > CODE_BYTES_MAX {
            return Err(Untrue(format!("it gave no code: `{}`", answer.error)));
        }
        in_time(async {
            let metadata = self.metadata(now, KNOWN_SECONDS).await?;
            let client = self.client(&metadata, back_to).await?;
            let code = AuthorizationCode::new(answer.code.clone());
            let request = client.exchange_code(code).map_err(|error| Untrue(error.to_string()))?;
            let verifier = PkceCodeVerifier::new(asking.verifier.clone());
            let tokens = request.set_pkce_verifier(verifier).request_async(&self.fetcher).await;
            let tokens = tokens.map_err(|error| match error {
                RequestTokenError::Request(error) => Unreachable(error.to_string()),
                RequestTokenError::ServerResponse(error) => Untrue(format!("no token for this code: {error}")),
                other => Untrue(format!("no token: {other}")),
            })?;
            let nonce = Nonce::new(asking.nonce.clone());
            let claims = match verified(&client, &tokens, &nonce, now) {
                // Its keys may have changed since they were fetched.
                Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                    let metadata = self.metadata(now, KEYS_SECONDS_MIN).await?;
                    let client = self.client(&metadata, back_to).await?;
                    verified(&client, &tokens, &nonce, now)
                }
                other => other,
            };
            let claims = claims.map_err(|error| Untrue(told(error)))?;
            match self.login_of(object(&claims)?)? {
                Some(login) => Ok(login),
                None => {
                    let further = self.further(&client, tokens.access_token().clone(), &claims).await?;
                    let right = || Nobody(format!("it does not say `{}`", self.settings.claim));
                    self.login_of(further)?.ok_or_else(right)
                }
            }
        })
        .await
    }

    /// The claims that the token leaves out: many providers tell them at an address of their own.
    async fn further(
        &self,
        client: &Client,
        access: AccessToken,
        claims: &IdTokenClaims<Others, CoreGenderClaim>,
    ) -> Result<Map<String, Value>, ProviderError> {
        let Ok(request) = client.user_info(access, Some(claims.subject().clone())) else { return Ok(Map::new()) };
        let told: Result<UserInfoClaims<Others, CoreGenderClaim>, _> = request.request_async(&self.fetcher).await;
        let told = told.map_err(|error| match error {
            UserInfoError::Request(error) => Unreachable(error.to_string()),
            other => Untrue(format!("what it says of the person: {other}")),
        })?;
        object(&told)
    }

    /// The operator's sign-in name, if the claims have it.
    fn login_of(&self, claims: Map<String, Value>) -> Result<Option<String>, ProviderError> {
        let claim = self.settings.claim.as_str();
        let Some(login) = claims.get(claim).and_then(Value::as_str) else { return Ok(None) };
        // An address that nobody has proved to be theirs may be anybody's.
        if claim == "email" && claims.get("email_verified") != Some(&Value::Bool(true)) {
            return Err(Nobody("it does not say that the e-mail address is verified".to_owned()));
        }
        Ok(Some(login.to_owned()))
    }
}

fn verified(
    client: &Client,
    tokens: &Tokens,
    nonce: &Nonce,
    now: Instant,
) -> Result<IdTokenClaims<Others, CoreGenderClaim>, ClaimsVerificationError> {
    let missing = || ClaimsVerificationError::Other("it gave no ID token".to_owned());
    let token = tokens.id_token().ok_or_else(missing)?;
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    token.clone().into_claims(&verifier, nonce)
}

fn told(error: ClaimsVerificationError) -> String {
    match error {
        ClaimsVerificationError::SignatureVerification(error) => format!("its token: {error}"),
        other => format!("its token: {other}"),
    }
}

/// Claims by their names.
fn object(claims: &impl Serialize) -> Result<Map<String, Value>, ProviderError> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(Untrue("its claims cannot be read".to_owned())),
    }
}

async fn in_time<T>(asking: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
    let answer = tokio::time::timeout(Duration::from_secs(STEP_SECONDS_MAX), asking).await;
    answer.unwrap_or_else(|_| Err(Unreachable(format!("it took longer than {STEP_SECONDS_MAX} seconds"))))
}
