//! A provider of OpenID Connect of the tests' own, in this process: it tells the truth, or one lie at a time.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use server::access::oidc::{ClientSecret, Provider, Settings};
use sha2::Digest;
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::task::JoinHandle;

pub const CLIENT_ID: &str = "holdfast";
pub const CLIENT_SECRET: &str = "of the client alone";
/// The console's own address.
pub const ADDRESS: &str = "https://status.example.com";
const SUBJECT: &str = "248289761001";

/// What is not right with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    None,
    Nonce,
    NoNonce,
    Audience,
    FurtherAudience,
    Issuer,
    Expired,
    /// By a key that it has never named.
    Signature,
    /// By another key than the one that it names.
    KeyOfOther,
    Unsigned,
    /// With the client secret as the key.
    Symmetric,
    NoIdToken,
    /// Of another person than the token.
    Person,
    Unverified,
    /// More than anybody reads.
    Endless,
    /// An error of its own.
    AtFault,
    /// Its answer never comes.
    Silent,
    /// It calls itself another.
    Name,
    /// It sends people to an address that is not encrypted.
    Open,
}

/// What it does and has seen.
pub struct Id {
    pub address: SocketAddr,
    lie: Mutex<Lie>,
    /// Claims of the token, beside those that every token has.
    claims: Mutex<Value>,
    /// Claims told at an address of their own.
    person: Mutex<Value>,
    key: Mutex<(String, SigningKey)>,
    now: Mutex<i64>,
    /// By code: nonce and PKCE challenge.
    codes: Mutex<HashMap<String, (String, String)>>,
    pub discoveries: AtomicUsize,
    serving: Mutex<Option<JoinHandle<()>>>,
}

fn set<T>(cell: &Mutex<T>, value: T) {
    *cell.lock().expect("no panic") = value;
}

impl Id {
    /// One who knows `wei@example.com`.
    pub async fn start(now: i64) -> Arc<Id> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let id = Arc::new(Id {
            address: listener.local_addr().expect("bound"),
            lie: Mutex::new(Lie::None),
            claims: Mutex::new(json!({ "email": "wei@example.com", "email_verified": true })),
            person: Mutex::new(json!({})),
            key: Mutex::new(("one".to_owned(), SigningKey::from_bytes(&[7; 32]))),
            now: Mutex::new(now),
            codes: Mutex::default(),
            discoveries: AtomicUsize::new(0),
            serving: Mutex::new(None),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/person", get(person))
            .with_state(Arc::clone(&id));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        set(&id.serving, Some(serving));
        id
    }

    pub fn settings(&self) -> Settings {
        Settings {
            issuer: format!("http://{}", self.address),
            client_id: CLIENT_ID.to_owned(),
            client_secret: ClientSecret::Text(zeroize::Zeroizing::new(CLIENT_SECRET.to_owned())),
            claim: "email".to_owned(),
            address: Some(ADDRESS.to_owned()),
            authorities: None,
        }
    }

    pub fn provider(&self) -> Provider {
        Provider::new(self.settings()).expect("a provider")
    }

    pub fn lies(&self, lie: Lie) {
        set(&self.lie, lie);
    }

    pub fn claims(&self, claims: Value) {
        set(&self.claims, claims);
    }

    pub fn person(&self, claims: Value) {
        set(&self.person, claims);
    }

    pub fn advance(&self, seconds: i64) {
        *self.now.lock().expect("no panic") += seconds;
    }

    /// Goes on with another key.
    pub fn turn_key(&self) {
        set(&self.key, ("two".to_owned(), SigningKey::from_bytes(&[8; 32])));
    }

    /// Nobody answers at its address any more.
    pub async fn stop(&self) {
        let serving = self.serving.lock().expect("no panic").take().expect("it was started");
        serving.abort();
        // Connections that were open are not kept: each request of a test has one of its own.
        assert!(serving.await.expect_err("it was ended").is_cancelled());
    }

    /// Signs a person in who was sent to `location`; where they are sent back to, without the origin.
    pub fn signs_in(&self, location: &str) -> String {
        let (at, query) = location.split_once('?').expect("a query");
        assert_eq!(at, format!("http://{}/authorize", self.address));
        let asked: HashMap<String, String> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!((asked["response_type"].as_str(), asked["code_challenge_method"].as_str()), ("code", "S256"));
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["redirect_uri"], format!("{ADDRESS}/admin/oidc/back"));
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"), "{}", asked["scope"]);
        let code = format!("code {}", self.codes.lock().expect("no panic").len());
        let kept = (asked["nonce"].clone(), asked["code_challenge"].clone());
        self.codes.lock().expect("no panic").insert(code.clone(), kept);
        let issuer = format!("http://{}", self.address);
        let answer = [("code", &code), ("state", &asked["state"]), ("iss", &issuer)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        format!("/admin/oidc/back?{query}")
    }

    fn lie(&self) -> Lie {
        *self.lie.lock().expect("no panic")
    }

    fn id_token(&self, nonce: &str) -> String {
        let (lie, now) = (self.lie(), *self.now.lock().expect("no panic"));
        let mut claims = json!({
            "iss": format!("http://{}", self.address), "sub": SUBJECT, "aud": CLIENT_ID, "nonce": nonce,
            "iat": now, "exp": now + 300,
        });
        let fields = claims.as_object_mut().expect("an object");
        fields.extend(self.claims.lock().expect("no panic").as_object().expect("an object").clone());
        match lie {
            Lie::Nonce => fields.insert("nonce".to_owned(), "another".into()),
            Lie::NoNonce => fields.remove("nonce"),
            Lie::Audience => fields.insert("aud".to_owned(), "another".into()),
            Lie::FurtherAudience => fields.insert("aud".to_owned(), json!([CLIENT_ID, "another"])),
            Lie::Issuer => fields.insert("iss".to_owned(), "https://other.example.com".into()),
            Lie::Expired => fields.insert("exp".to_owned(), (now - 1).into()),
            Lie::Unverified => fields.insert("email_verified".to_owned(), false.into()),
            _ => None,
        };
        let (kid, key) = self.key.lock().expect("no panic").clone();
        let (algorithm, kid) = match lie {
            Lie::Unsigned => ("none", kid),
            Lie::Symmetric => ("HS256", kid),
            Lie::Signature => ("EdDSA", "never named".to_owned()),
            _ => ("EdDSA", kid),
        };
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&json!({ "alg": algorithm, "kid": kid })), part(&claims));
        let key = if matches!(lie, Lie::Signature | Lie::KeyOfOther) { SigningKey::from_bytes(&[66; 32]) } else { key };
        let signature = match lie {
            Lie::Unsigned => Vec::new(),
            Lie::Symmetric => hmac_sha256(CLIENT_SECRET.as_bytes(), signed.as_bytes()),
            _ => key.sign(signed.as_bytes()).to_bytes().to_vec(),
        };
        format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
    }
}

/// RFC 2104.
fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64, "a short key");
    let padded = |pad: u8| (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ pad).collect::<Vec<u8>>();
    let inner = sha2::Sha256::digest([padded(0x36), text.to_vec()].concat());
    sha2::Sha256::digest([padded(0x5c), inner.to_vec()].concat()).to_vec()
}

async fn discovery(State(id): State<Arc<Id>>) -> Response {
    id.discoveries.fetch_add(1, Ordering::SeqCst);
    let own = format!("http://{}", id.address);
    let issuer = if id.lie() == Lie::Name { "https://other.example.com".to_owned() } else { own.clone() };
    let authorize = if id.lie() == Lie::Open { "http://id.example.com".to_owned() } else { own.clone() };
    let told = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{authorize}/authorize"),
        "token_endpoint": format!("{own}/token"),
        "userinfo_endpoint": format!("{own}/person"),
        "jwks_uri": format!("{own}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
    });
    match id.lie() {
        Lie::AtFault => StatusCode::BAD_GATEWAY.into_response(),
        Lie::Silent => std::future::pending().await,
        Lie::Endless => Json(json!({ "issuer": issuer, "more": "x".repeat(1 << 20) })).into_response(),
        _ => Json(told).into_response(),
    }
}

async fn keys(State(id): State<Arc<Id>>) -> Json<Value> {
    let (kid, key) = id.key.lock().expect("no panic").clone();
    let x = BASE64URL_NOPAD.encode(key.verifying_key().as_bytes());
    Json(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x }] }))
}

async fn token(State(id): State<Arc<Id>>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let secret: String = form_urlencoded::byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{secret}").as_bytes()));
    if headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) != Some(&basic) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let kept = id.codes.lock().expect("no panic").remove(&form["code"]);
    let challenge = BASE64URL_NOPAD.encode(&sha2::Sha256::digest(form["code_verifier"].as_bytes()));
    let Some((nonce, _)) = kept.filter(|(_, right)| *right == challenge) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    };
    match id.lie() {
        Lie::AtFault => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Lie::Silent => std::future::pending().await,
        Lie::NoIdToken => return Json(json!({ "access_token": "a", "token_type": "Bearer" })).into_response(),
        _ => {}
    }
    Json(json!({ "access_token": "a", "token_type": "Bearer", "id_token": id.id_token(&nonce) })).into_response()
}

async fn person(State(id): State<Arc<Id>>) -> Json<Value> {
    let subject = if id.lie() == Lie::Person { "another" } else { SUBJECT };
    let mut claims = json!({ "sub": subject });
    let told = id.person.lock().expect("no panic").clone();
    claims.as_object_mut().expect("an object").extend(told.as_object().expect("an object").clone());
    Json(claims)
}
