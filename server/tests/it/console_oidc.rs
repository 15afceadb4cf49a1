//! Signing in by a provider: begun in one region and ended in another, what is refused, and what its outage leaves alone.

use crate::{
    console_app::ConsoleApp,
    oidc_provider::{Id, Lie},
    test_app::Reply,
};
use domain::{
    change::OperatorSet,
    command::{Command, operators::Wish},
    operator::Role,
};
use serde_json::json;
use server::access::{
    oidc::{ClientSecret, Provider, Settings},
    passkeys::CEREMONY_SECONDS,
    throttle::ADDRESS_FAILURES_MAX,
};
use std::sync::{Arc, atomic::Ordering};

const LOGIN: &str = "wei@example.com";

async fn house() -> (ConsoleApp, Arc<Id>) {
    let at = crate::board_builder::april("15:23").timestamp();
    let id = Id::start(at).await;
    let app = ConsoleApp::with_provider(1, Some(id.provider())).await;
    app.publish(Command::ApplyCatalog(app.replay.catalog.clone())).await;
    app.operator(LOGIN, Role::Editor).await;
    (app, id)
}

/// What a browser would send back of these cookies, of whatever kind.
fn cookies(reply: &Reply) -> String {
    let set = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text"));
    let pairs: Vec<&str> = set
        .filter(|cookie| !cookie.contains("Max-Age=0"))
        .map(|cookie| cookie.split(';').next().expect("a pair"))
        .collect();
    pairs.join("; ")
}

/// Presses the button; where the browser is sent, and its cookie.
async fn press(app: &ConsoleApp) -> (String, String) {
    let reply = app.get("/admin/oidc?next=%2Fadmin%2Faudit", "").await;
    assert_eq!(reply.status, 303, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    let set = reply.header("set-cookie");
    for attribute in ["holdfast-provider=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/admin", "Max-Age=300"] {
        assert!(set.contains(attribute), "{attribute}: {set}");
    }
    (reply.header("location").to_owned(), cookies(&reply))
}

/// All the way to the provider and back.
async fn sign_in(app: &ConsoleApp, id: &Id) -> Reply {
    let (location, cookie) = press(app).await;
    app.get(&id.signs_in(&location), &cookie).await
}

/// The page says why, and holds the other ways in.
fn assert_refused(reply: &Reply, status: u16, what: &str) {
    assert_eq!(reply.status, status, "{what}: {}", reply.text());
    assert!(reply.text().contains(what), "{what}: {}", reply.text());
    assert!(reply.text().contains("name=\"password\""), "the form is right there: {}", reply.text());
    assert!(!cookies(reply).contains("holdfast-session"), "{}", cookies(reply));
}

#[tokio::test]
async fn an_operator_signs_in_by_the_provider_and_the_audit_trail_says_so() {
    let (app, id) = house().await;
    let offered = app.get("/admin/sign-in", "").await;
    assert!(offered.text().contains("Sign in with Example ID"), "{}", offered.text());
    let reply = sign_in(&app, &id).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("refresh"), "0; url=/admin/audit", "the session's cookie is for our own pages");
    let session = cookies(&reply);
    assert!(session.contains("holdfast-session=") && !session.contains("holdfast-provider"), "{session}");
    let overview = app.get("/admin", &session).await;
    assert!(overview.text().contains(&format!("Name of {LOGIN}")), "{}", overview.text());
    assert_eq!(app.get("/admin/catalog", &session).await.status, 200, "an editor, as the log says");
    assert_eq!(app.get("/admin/operators", &session).await.status, 403);
    let key = ConsoleApp::form_key(&overview);
    let ended = app.post("/admin/account/sessions", &session, &format!("form_key={key}")).await;
    let session = cookies(&ended);
    let rows = async |query: &str| {
        let trail = app.get(&format!("/admin/audit{query}"), &session).await;
        trail.text().matches("<th scope=\"row\">").count()
    };
    let found = app.get("/admin/audit?text=oidc", &session).await;
    let by_provider = "<th scope=\"row\">Name of wei@example.com<span class=\"names\">oidc</span></th>";
    assert!(found.text().contains(by_provider), "{}", found.text());
    assert_eq!(rows("?text=oidc").await, 1, "and nothing else: {}", found.text());
    assert!(rows("").await > 1);
}

#[tokio::test]
async fn a_region_ends_what_another_began_and_takes_it_once() {
    let (app, id) = house().await;
    let other = ConsoleApp::with_provider(2, Some(id.provider())).await;
    other.pull(&app).await;
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    let reply = other.get(&back, &cookie).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(app.get("/admin", &cookies(&reply)).await.status, 200);
    assert_refused(&other.get(&back, &cookie).await, 401, "this took too long");
}

#[tokio::test]
async fn whom_the_log_does_not_know_nobody_signs_in() {
    let (app, id) = house().await;
    let wrong = app.post("/admin/sign-in", "", "login=nobody&password=wrong").await;
    assert_refused(&wrong, 401, "the name or the password is not right");
    let operators = app.node().board().operators.len();
    for login in ["mallory@example.com", "", "wei@example.com.evil.example"] {
        id.claims(json!({ "email": login, "email_verified": true }));
        assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    }
    id.claims(json!({ "email": LOGIN, "email_verified": true }));
    let session = cookies(&sign_in(&app, &id).await);
    assert_eq!(app.get("/admin", &session).await.status, 200, "it is known");
    let set = OperatorSet { login: LOGIN.to_owned(), name: "Out".to_owned(), role: Role::Editor, active: false };
    app.publish(Command::Operator(Wish::Set(set))).await;
    assert_eq!(app.get("/admin", &session).await.status, 303, "the session has ended with the account");
    assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    assert_eq!(app.node().board().operators.len(), operators, "a provider makes no operators");
}

#[tokio::test]
async fn a_lie_signs_nobody_in() {
    let (app, id) = house().await;
    let untrue = [
        Lie::Nonce,
        Lie::NoNonce,
        Lie::Audience,
        Lie::FurtherAudience,
        Lie::Issuer,
        Lie::Expired,
        Lie::Signature,
        Lie::KeyOfOther,
        Lie::Unsigned,
        Lie::Symmetric,
        Lie::NoIdToken,
    ];
    for lie in untrue {
        id.lies(lie);
        let reply = sign_in(&app, &id).await;
        assert_refused(&reply, 401, "answer could not be taken");
        assert!(cookies(&reply).is_empty(), "{lie:?}: {}", cookies(&reply));
    }
    id.lies(Lie::Unverified);
    assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    id.lies(Lie::None);
    assert_eq!(sign_in(&app, &id).await.status, 200, "the same provider, telling the truth");
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked_and_in_time() {
    let (app, id) = house().await;
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    // A page of somebody else that brings a browser here with an answer of its own.
    assert_refused(&app.get(&back, "").await, 401, "this took too long");
    let (_, of_victim) = press(&app).await;
    assert_refused(&app.get(&back, &of_victim).await, 401, "this took too long");
    let (name, value) = cookie.split_once('=').expect("a pair");
    let other = if value.starts_with('A') { "B" } else { "A" };
    let altered = format!("{name}={other}{}", &value[1..]);
    assert_refused(&app.get(&back, &altered).await, 401, "this took too long");
    let denied = "/admin/oidc/back?error=access_denied&state=of+nobody";
    assert_refused(&app.get(denied, &cookie).await, 401, "this took too long");
    let of_other = back.split("&iss=").next().expect("before it").to_owned() + "&iss=https%3A%2F%2Fother.example.com";
    assert_refused(&app.get(&of_other, &cookie).await, 401, "answer could not be taken");
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    app.advance(CEREMONY_SECONDS);
    assert_refused(&app.get(&back, &cookie).await, 401, "this took too long");
}

#[tokio::test]
async fn somebody_who_says_no_at_the_provider_stays_out() {
    let (app, id) = house().await;
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    let state = back.split("state=").nth(1).and_then(|rest| rest.split('&').next()).expect("a state");
    let denied = format!("/admin/oidc/back?error=access_denied&state={state}");
    assert_refused(&app.get(&denied, &cookie).await, 401, "answer could not be taken");
}

#[tokio::test]
async fn without_the_provider_everything_else_works_as_ever() {
    let (app, id) = house().await;
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    id.stop().await;
    app.advance(60);
    assert_refused(&app.get(&back, &cookie).await, 503, "cannot be reached");
    app.advance(server::access::oidc::KNOWN_SECONDS);
    for _ in 0..2 {
        assert_refused(&app.get("/admin/oidc", "").await, 503, "cannot be reached");
    }
    let session = app.sign_in(LOGIN).await;
    assert_eq!(app.get("/admin", &session).await.status, 200);
    let wrong = app.post("/admin/sign-in", "", "login=nobody&password=wrong").await;
    assert_eq!(wrong.status, 401, "an outage is nobody's failure to sign in");
}

#[tokio::test]
async fn a_provider_at_fault_is_told_and_asked_again_after_a_while() {
    let (app, id) = house().await;
    for (lie, what) in [
        (Lie::AtFault, "cannot be reached"),
        (Lie::Endless, "cannot be reached"),
        (Lie::Name, "cannot be reached"),
        (Lie::Open, "answer could not be taken"),
    ] {
        id.lies(lie);
        let before = id.discoveries.load(Ordering::SeqCst);
        for _ in 0..3 {
            let reply = app.get("/admin/oidc", "").await;
            assert!(reply.text().contains(what) && reply.text().contains("name=\"password\""), "{lie:?}");
        }
        assert_eq!(id.discoveries.load(Ordering::SeqCst), before + 1, "{lie:?}: asked once");
        app.advance(server::access::oidc::AWAY_SECONDS);
    }
    app.advance(server::access::oidc::KNOWN_SECONDS);
    id.advance(2 * server::access::oidc::KNOWN_SECONDS);
    id.lies(Lie::None);
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    id.lies(Lie::AtFault);
    assert_refused(&app.get(&back, &cookie).await, 503, "cannot be reached");
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_not_waited_for_long() {
    let (app, id) = house().await;
    let (location, cookie) = press(&app).await;
    let back = id.signs_in(&location);
    id.lies(Lie::Silent);
    // From here on time runs ahead whenever nobody has anything to do.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_refused(&app.get(&back, &cookie).await, 503, "cannot be reached");
    assert!(begun.elapsed().as_secs() <= 30, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_it_says_of_itself_is_kept_for_a_while_and_its_new_key_is_found() {
    let (app, id) = house().await;
    assert_eq!(sign_in(&app, &id).await.status, 200);
    assert_eq!(sign_in(&app, &id).await.status, 200);
    assert_eq!(id.discoveries.load(Ordering::SeqCst), 1);
    id.turn_key();
    app.advance(60);
    assert_eq!(sign_in(&app, &id).await.status, 200, "a key that was not known is looked for");
    assert_eq!(id.discoveries.load(Ordering::SeqCst), 2);
    app.advance(server::access::oidc::KNOWN_SECONDS);
    id.advance(server::access::oidc::KNOWN_SECONDS + 60);
    assert_eq!(sign_in(&app, &id).await.status, 200);
    assert_eq!(id.discoveries.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_claim_may_be_told_at_an_address_of_its_own() {
    let (app, id) = house().await;
    id.claims(json!({}));
    assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    id.person(json!({ "email": "Wei@Example.com", "email_verified": true }));
    assert_eq!(sign_in(&app, &id).await.status, 200);
    id.lies(Lie::Person);
    assert_refused(&sign_in(&app, &id).await, 401, "answer could not be taken");
}

#[tokio::test]
async fn another_claim_may_be_the_name() {
    let at = crate::board_builder::april("15:23").timestamp();
    let id = Id::start(at).await;
    for claim in ["preferred_username", "account_of_the_company"] {
        let settings = Settings { claim: claim.to_owned(), ..id.settings() };
        let app = ConsoleApp::with_provider(1, Provider::new(settings).ok()).await;
        app.operator("wei", Role::Poster).await;
        id.claims(json!({ claim: "wei" }));
        assert_eq!(sign_in(&app, &id).await.status, 200, "{claim}");
    }
}

#[tokio::test]
async fn a_wrong_client_secret_is_the_nodes_fault_and_a_missing_one_too() {
    let (_, id) = house().await;
    let text = |secret: &str| ClientSecret::Text(zeroize::Zeroizing::new(secret.to_owned()));
    let nowhere = ClientSecret::File("/nowhere/oidc.secret".into());
    for (client_secret, status) in [(text("wrong"), 401), (nowhere, 503)] {
        let provider = Provider::new(Settings { client_secret, ..id.settings() }).expect("a provider");
        let app = ConsoleApp::with_provider(1, Some(provider)).await;
        let begun = app.get("/admin/oidc", "").await;
        let reply = match begun.status.as_u16() {
            303 => app.get(&id.signs_in(begun.header("location")), &cookies(&begun)).await,
            _ => begun,
        };
        assert_refused(&reply, status, "the sign-in provider");
    }
}

#[tokio::test]
async fn an_address_that_fails_too_often_waits() {
    let (app, id) = house().await;
    // Any page can send a browser of this address here as often as it likes.
    for _ in 0..2 * ADDRESS_FAILURES_MAX {
        let reply = app.get("/admin/oidc/back?state=guess&code=guess", "").await;
        assert_refused(&reply, 401, "this took too long");
    }
    assert_eq!(id.discoveries.load(Ordering::SeqCst), 0, "nobody was asked");
    id.claims(json!({ "email": "mallory@example.com", "email_verified": true }));
    for _ in 0..ADDRESS_FAILURES_MAX {
        assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    }
    for path in ["/admin/oidc", "/admin/oidc/back?state=guess&code=guess"] {
        let reply = app.get(path, "").await;
        assert_refused(&reply, 429, "too many attempts failed");
        assert!(!reply.header("retry-after").is_empty());
    }
}

#[tokio::test]
async fn a_name_that_only_looks_like_an_operators_is_not_theirs() {
    let at = crate::board_builder::april("15:23").timestamp();
    let id = Id::start(at).await;
    let app = ConsoleApp::with_provider(1, Some(id.provider())).await;
    app.operator("kim@example.com", Role::Poster).await;
    // The sign of kelvin, whose lower case is a `k`.
    for login in ["\u{212a}im@example.com", " kim@example.com"] {
        id.claims(json!({ "email": login, "email_verified": true }));
        assert_refused(&sign_in(&app, &id).await, 401, "the name or the password is not right");
    }
    id.claims(json!({ "email": "Kim@Example.com", "email_verified": true }));
    assert_eq!(sign_in(&app, &id).await.status, 200);
}

#[tokio::test]
async fn without_a_provider_nothing_is_offered() {
    let app = ConsoleApp::start().await;
    assert!(!app.get("/admin/sign-in", "").await.text().contains("/admin/oidc"));
    for path in ["/admin/oidc", "/admin/oidc/back?state=a&code=b"] {
        assert_refused(&app.get(path, "").await, 404, "there is no sign-in provider here");
    }
}
