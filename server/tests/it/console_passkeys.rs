//! Passkeys with an authenticator of the test's own: added in one region, shown in another, and what is refused.

use crate::{
    console_app::{ConsoleApp, PASSWORD},
    test_app::Reply,
};
use data_encoding::BASE64URL_NOPAD;
use domain::{id::OperatorId, operator::Role};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey};
use serde_json::{Value, json};
use sha2::Digest;

const ORIGIN: &str = "https://status.example.com";
const DOMAIN: &str = "status.example.com";
/// User present, user verified.
const CONFIRMED: u8 = 0b101;
/// The credential's key follows.
const ATTESTED: u8 = 0b100_0000;

/// A device with one credential.
struct Authenticator {
    key: KeyPair,
    id: Vec<u8>,
    user: Vec<u8>,
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    sha2::Sha256::digest(bytes).to_vec()
}

fn client_data(kind: &str, challenge: &Value, origin: &str) -> Vec<u8> {
    json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false }).to_string().into_bytes()
}

impl Authenticator {
    /// Makes a credential, as `navigator.credentials.create` does; its answer.
    fn create(options: &Value) -> (Authenticator, Value) {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let user = BASE64URL_NOPAD.decode(options["user"]["id"].as_str().expect("a user").as_bytes()).expect("base64");
        let id = sha256(key.public_key_raw())[..16].to_vec();
        // An uncompressed point: 4, x, y.
        let (x, y) = key.public_key_raw()[1..].split_at(32);
        let cose = ciborium::Value::Map(vec![
            (1.into(), 2.into()),
            (3.into(), (-7).into()),
            ((-1).into(), 1.into()),
            ((-2).into(), ciborium::Value::Bytes(x.to_vec())),
            ((-3).into(), ciborium::Value::Bytes(y.to_vec())),
        ]);
        let mut data = sha256(DOMAIN.as_bytes());
        data.push(CONFIRMED | ATTESTED);
        data.extend([0; 4]);
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).expect("short").to_be_bytes());
        data.extend(&id);
        ciborium::into_writer(&cose, &mut data).expect("CBOR");
        let attestation = ciborium::Value::Map(vec![
            ("fmt".into(), "none".into()),
            ("attStmt".into(), ciborium::Value::Map(Vec::new())),
            ("authData".into(), ciborium::Value::Bytes(data)),
        ]);
        let mut object = Vec::new();
        ciborium::into_writer(&attestation, &mut object).expect("CBOR");
        let client = client_data("webauthn.create", &options["challenge"], ORIGIN);
        let answer = json!({
            "id": BASE64URL_NOPAD.encode(&id), "rawId": BASE64URL_NOPAD.encode(&id), "type": "public-key",
            "response": {
                "attestationObject": BASE64URL_NOPAD.encode(&object),
                "clientDataJSON": BASE64URL_NOPAD.encode(&client),
            },
        });
        (Authenticator { key, id, user }, answer)
    }

    /// Shows the credential, as `navigator.credentials.get` does.
    fn get(&self, options: &Value, flags: u8, origin: &str) -> Value {
        let mut data = sha256(DOMAIN.as_bytes());
        data.push(flags);
        data.extend([0; 4]);
        let client = client_data("webauthn.get", &options["challenge"], origin);
        let signature = self.key.sign(&[data.as_slice(), &sha256(&client)].concat()).expect("a signature");
        json!({
            "id": BASE64URL_NOPAD.encode(&self.id), "rawId": BASE64URL_NOPAD.encode(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": BASE64URL_NOPAD.encode(&data),
                "clientDataJSON": BASE64URL_NOPAD.encode(&client),
                "signature": BASE64URL_NOPAD.encode(&signature),
                "userHandle": BASE64URL_NOPAD.encode(&self.user),
            },
        })
    }
}

fn begun(reply: &Reply) -> (Value, String) {
    assert_eq!((reply.status.as_u16(), reply.header("cache-control")), (200, "no-store"), "{}", reply.text());
    let mut said: Value = serde_json::from_str(reply.text()).expect("JSON");
    (said["options"].take(), said["state"].as_str().expect("a state").to_owned())
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish()
}

async fn begin(app: &ConsoleApp, cookie: &str, key: &str) -> (Value, String) {
    let fields = form(&[("form_key", key), ("present-for-passkey", PASSWORD)]);
    begun(&app.post("/admin/account/passkeys/begin", cookie, &fields).await)
}

async fn add(app: &ConsoleApp, cookie: &str, key: &str, state: &str, credential: &Value) -> Reply {
    let credential = credential.to_string();
    let fields = [("form_key", key), ("state", state), ("credential", &credential), ("passkey-name", "Pocket phone")];
    app.post("/admin/account/passkeys", cookie, &form(&fields)).await
}

async fn ask(app: &ConsoleApp) -> (Value, String) {
    begun(&app.post("/admin/passkey/begin", "", "").await)
}

async fn take(app: &ConsoleApp, state: &str, credential: &Value) -> Reply {
    let credential = credential.to_string();
    app.post("/admin/passkey", "", &form(&[("state", state), ("credential", &credential), ("next", "/admin/audit")]))
        .await
}

#[tokio::test]
async fn a_passkey_that_was_added_in_one_region_signs_in_through_another() {
    let (one, two) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    one.operator("wei", Role::Poster).await;
    let cookie = one.sign_in("wei").await;
    let page = one.get("/admin/account", &cookie).await;
    let key = ConsoleApp::form_key(&page);
    let wrong = form(&[("form_key", &key), ("present-for-passkey", "not my password")]);
    let wrong = one.post("/admin/account/passkeys/begin", &cookie, &wrong).await;
    assert_eq!((wrong.status.as_u16(), wrong.text().contains("challenge")), (401, false));
    two.pull(&one).await;
    let (options, state) = begin(&one, &cookie, &key).await;
    assert_eq!((options["rp"]["id"].as_str(), options["user"]["name"].as_str()), (Some(DOMAIN), Some("wei")));
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let (device, answer) = Authenticator::create(&options);
    let added = add(&two, &cookie, &key, &state, &answer).await;
    assert_eq!(
        (added.status.as_u16(), added.header("location")),
        (303, "/admin/account?done=passkey-added"),
        "{}",
        added.text()
    );
    let twice = add(&two, &cookie, &key, &state, &answer).await;
    assert_eq!((twice.status.as_u16(), twice.text().contains("this took too long")), (422, true));
    one.pull(&two).await;
    let (options, state) = begin(&one, &cookie, &key).await;
    assert_eq!(options["excludeCredentials"].as_array().map(Vec::len), Some(1));
    let listed = one.get("/admin/account", &cookie).await;
    assert!(listed.text().contains("Pocket phone, since 8 April 2024"), "{}", listed.text());
    let other_session = one.sign_in("wei").await;
    let other_key = ConsoleApp::form_key(&one.get("/admin", &other_session).await);
    let stolen = add(&one, &other_session, &other_key, &state, &Authenticator::create(&options).1).await;
    assert_eq!(stolen.status, 422, "an offer is for the session that asked for it");

    let (options, state) = ask(&one).await;
    assert!(options["allowCredentials"].as_array().is_none_or(Vec::is_empty), "nobody is named: {options}");
    let shown = device.get(&options, CONFIRMED, ORIGIN);
    let taken = take(&two, &state, &shown).await;
    assert_eq!((taken.status.as_u16(), taken.header("location")), (303, "/admin/audit"), "{}", taken.text());
    assert_eq!(one.get("/admin", &ConsoleApp::cookie(&taken)).await.status, 200, "the session goes on in the first");
    assert_eq!(take(&two, &state, &shown).await.status, 401, "a ceremony ends once");

    let id =
        two.node().board().operators[&OperatorId::of_login("wei")].passkeys.keys().next().expect("one").to_string();
    let remove = [("form_key", key.as_str()), ("passkey", &id), ("present-to-remove-passkey", PASSWORD)];
    let removed = two.post("/admin/account/passkeys/remove", &cookie, &form(&remove)).await;
    assert_eq!(removed.status, 303, "{}", removed.text());
    let (options, state) = ask(&two).await;
    assert_eq!(take(&two, &state, &device.get(&options, CONFIRMED, ORIGIN)).await.status, 401, "it is removed");
}

#[tokio::test]
async fn a_passkey_is_refused_from_elsewhere_unconfirmed_late_or_of_another_key_and_never_says_why() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let key = ConsoleApp::form_key(&app.get("/admin/account", &cookie).await);
    let (options, state) = begin(&app, &cookie, &key).await;
    let (mut device, answer) = Authenticator::create(&options);
    assert_eq!(add(&app, &cookie, &key, &state, &answer).await.status, 303);

    let mut told = Vec::new();
    let (options, state) = ask(&app).await;
    told.push(take(&app, &state, &device.get(&options, CONFIRMED, "https://evil.example")).await);
    let (options, state) = ask(&app).await;
    told.push(take(&app, &state, &device.get(&options, 1, ORIGIN)).await);
    let (_, state) = ask(&app).await;
    told.push(take(&app, &state, &device.get(&options, CONFIRMED, ORIGIN)).await);
    let (_, state) = ask(&app).await;
    told.push(take(&app, &state, &json!("no credential")).await);
    let (options, state) = ask(&app).await;
    let right = std::mem::replace(&mut device.key, KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key"));
    told.push(take(&app, &state, &device.get(&options, CONFIRMED, ORIGIN)).await);
    device.key = right;
    let (options, state) = ask(&app).await;
    let user = std::mem::replace(&mut device.user, vec![7; 16]);
    told.push(take(&app, &state, &device.get(&options, CONFIRMED, ORIGIN)).await);
    device.user = user;
    for reply in &told {
        assert_eq!((reply.status.as_u16(), reply.text()), (401, told[0].text()));
    }
    let (options, state) = ask(&app).await;
    app.advance(300);
    assert_eq!(take(&app, &state, &device.get(&options, CONFIRMED, ORIGIN)).await.status, 401, "late");
    let (options, state) = ask(&app).await;
    assert_eq!(take(&app, &state, &device.get(&options, CONFIRMED, ORIGIN)).await.status, 303, "and right");
}
