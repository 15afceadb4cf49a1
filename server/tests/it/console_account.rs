//! An operator's own account: the second factor from its offer to a sign-in with it, in whichever region; recovery codes;
//! own password and sessions.

use crate::{
    console_app::{ConsoleApp, PASSWORD},
    test_app::Reply,
};
use data_encoding::BASE32_NOPAD;
use domain::{id::OperatorId, operator::Role};
use server::access::{
    device::DEVICES_MAX,
    password::Browser,
    sign_in::{Refused, Typed},
    throttle::{SECOND_STEPS_MAX, STRANGERS_FAILURES_MAX, WINDOW_SECONDS},
};
use std::{
    future::{Future, poll_fn},
    task::Poll,
};
use totp_rs::{Algorithm, Builder};

const ACCOUNT: &str = "/admin/account";

fn password() -> String {
    PASSWORD.replace(' ', "+")
}

/// What an authenticator shows.
pub fn code(app: &ConsoleApp, secret: &str) -> String {
    let seed = BASE32_NOPAD.decode(secret.as_bytes()).expect("a secret");
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_secret(seed).build().expect("an authenticator");
    totp.generate(u64::try_from(app.node().clock().now().timestamp()).expect("after 1970")).to_string()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no `{before}` in {text}")).1;
    rest.split_once(after).expect("its end").0
}

/// What the browser has after a reply: cookies that were set, and those before that were not.
fn kept(before: &str, reply: &Reply) -> String {
    let set: Vec<(String, String)> = ConsoleApp::cookie(reply)
        .split("; ")
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let old = before
        .split("; ")
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| set.iter().all(|(new, _)| new != name));
    let all = old
        .map(|(name, value)| format!("{name}={value}"))
        .chain(set.iter().map(|(name, value)| format!("{name}={value}")));
    all.collect::<Vec<_>>().join("; ")
}

/// Sets up a second factor; its secret and its recovery codes.
pub async fn enrolled(app: &ConsoleApp, cookie: &str) -> (String, Vec<String>) {
    let key = ConsoleApp::form_key(&app.get(ACCOUNT, cookie).await);
    let offer = format!("form_key={key}&present-for-factor={}", password());
    let offered = app.post(&format!("{ACCOUNT}/second-factor"), cookie, &offer).await;
    assert_eq!(offered.status, 200, "{}", offered.text());
    let secret = between(offered.text(), "id=\"secret\">", "<").replace(' ', "");
    let sealed = ConsoleApp::hidden(&offered, "offer");
    let confirm = format!("form_key={key}&offer={sealed}&code={}", code(app, &secret));
    let confirmed = app.post(&format!("{ACCOUNT}/second-factor/confirm"), cookie, &confirm).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.text());
    let codes = between(confirmed.text(), "class=\"codes\">", "</ol>");
    let codes: Vec<String> =
        codes.split("<code>").skip(1).map(|rest| rest.split('<').next().expect("a code").to_owned()).collect();
    (secret, codes)
}

/// The first step; the cookie of the second.
async fn first_step(app: &ConsoleApp, login: &str) -> String {
    let form = format!("login={login}&password={}&next=%2Fadmin%2Faccount", password());
    let reply = app.post("/admin/sign-in", "", &form).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, "/admin/sign-in/code?next=%2Fadmin%2Faccount"),
        "{}",
        reply.text()
    );
    assert!(reply.headers.get_all("set-cookie").iter().all(|set| !set.to_str().expect("text").contains("session")));
    ConsoleApp::cookie(&reply)
}

async fn second_step(app: &ConsoleApp, step: &str, code: &str) -> Reply {
    app.post("/admin/sign-in/code", step, &format!("next=%2Fadmin%2Faccount&code={code}")).await
}

#[tokio::test]
async fn a_second_factor_counts_once_a_code_was_typed_and_then_signing_in_asks_for_one() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    let page = app.get(ACCOUNT, &cookie).await;
    let key = ConsoleApp::form_key(&page);
    let offer = |present: &str| format!("form_key={key}&present-for-factor={present}");
    let path = format!("{ACCOUNT}/second-factor");
    let wrong = app.post(&path, &cookie, &offer("not+my+password")).await;
    assert_eq!((wrong.status.as_u16(), wrong.text().contains("id=\"secret\"")), (401, false));
    let offered = app.post(&path, &cookie, &offer(&password())).await;
    assert!(offered.text().contains("class=\"scan\""), "{}", offered.text());
    let sealed = ConsoleApp::hidden(&offered, "offer");
    assert_eq!(app.sign_in("wei").await.matches("holdfast-session").count(), 1, "an offer alone changes nothing");
    let confirm = format!("{path}/confirm");
    let mistyped = app.post(&confirm, &cookie, &format!("form_key={key}&offer={sealed}&code=12345")).await;
    assert_eq!((mistyped.status.as_u16(), ConsoleApp::hidden(&mistyped, "offer")), (422, sealed.clone()), "it goes on");
    let altered = sealed.replacen(&sealed[30..31], if &sealed[30..31] == "A" { "B" } else { "A" }, 1);
    let altered = app.post(&confirm, &cookie, &format!("form_key={key}&offer={altered}&code=123456")).await;
    assert!(altered.text().contains("this took too long"));

    let (secret, codes) = enrolled(&app, &cookie).await;
    assert_eq!(codes.len(), 10);
    let after = app.get(ACCOUNT, &cookie).await;
    assert!(after.text().contains("10 recovery codes are left") && !after.text().contains(&codes[0]));

    let step = first_step(&app, "wei").await;
    assert_eq!(app.get("/admin", &step).await.status, 303, "half signed in is not signed in");
    let same = second_step(&app, &step, &code(&app, &secret)).await;
    assert_eq!(same.status, 401, "the code that confirmed it is used up");
    app.advance(30);
    let fresh = code(&app, &secret);
    let done = second_step(&app, &step, &fresh).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (303, ACCOUNT), "{}", done.text());
    assert_eq!(app.get("/admin", &kept(&step, &done)).await.status, 200);
    let step = first_step(&app, "wei").await;
    assert_eq!(second_step(&app, &step, &fresh).await.status, 401, "no code is taken twice");
    app.advance(301);
    let late = second_step(&app, &step, &code(&app, &secret)).await;
    assert_eq!((late.status.as_u16(), late.text().contains("name=\"password\"")), (401, true), "begin again");
}

#[tokio::test]
async fn the_second_step_is_taken_by_another_region_and_a_recovery_code_by_one() {
    let (one, two) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    one.operator("wei", Role::Poster).await;
    let (secret, codes) = enrolled(&one, &one.sign_in("wei").await).await;
    two.pull(&one).await;
    two.advance(60);
    let step = first_step(&one, "wei").await;
    let done = second_step(&two, &step, &code(&two, &secret)).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_eq!(one.get("/admin", &ConsoleApp::cookie(&done)).await.status, 200, "and the session goes on in the first");

    let with_recovery = second_step(&two, &step, &codes[2].to_lowercase()).await;
    assert_eq!(with_recovery.status, 303, "{}", with_recovery.text());
    assert_eq!(second_step(&two, &step, &codes[2]).await.status, 401, "spent");
    one.pull(&two).await;
    assert_eq!(second_step(&one, &step, &codes[2]).await.status, 401, "spent everywhere");
    let left = one.get(ACCOUNT, &ConsoleApp::cookie(&with_recovery)).await;
    assert!(left.text().contains("9 recovery codes are left"), "{}", left.text());
}

#[tokio::test]
async fn guessing_the_second_factor_has_to_wait() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    enrolled(&app, &app.sign_in("wei").await).await;
    let step = first_step(&app, "wei").await;
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(second_step(&app, &step, "ABCD-EFGH-JKMN-PQRS").await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 20);
    assert_eq!(statuses.last(), Some(&429));
}

#[tokio::test]
async fn an_administrator_takes_a_second_factor_off_and_nobody_else_does() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    app.operator("root", Role::Administrator).await;
    let wei = app.sign_in("wei").await;
    enrolled(&app, &wei).await;
    let path = "/admin/operators";
    let off = |key: &str| format!("form_key={key}&login=wei&do=second-factor-off");
    let key = ConsoleApp::form_key(&app.get(ACCOUNT, &wei).await);
    assert_eq!(app.post(path, &wei, &off(&key)).await.status, 403);
    let root = app.sign_in("root").await;
    let page = app.get(path, &root).await;
    assert_eq!(page.text().matches("value=\"second-factor-off\"").count(), 1, "{}", page.text());
    let key = ConsoleApp::form_key(&page);
    assert_eq!(app.post(path, &root, &off(&key)).await.status, 303);
    assert_eq!(app.post(path, &root, &off(&key)).await.status, 422, "there is none any more");
    assert!(app.sign_in("wei").await.contains("holdfast-session"));
}

#[tokio::test]
async fn an_invitation_sets_a_password_and_leaves_the_second_factor() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    enrolled(&app, &app.sign_in("wei").await).await;
    let secret = server::access::secret::fresh().expect("randomness");
    let sealed = server::access::secret::sealed(app.node().store(), &secret).expect("randomness");
    let invited = domain::change::OperatorInvited {
        sealed_hash: domain::change::Bytes(sealed),
        expires_at: crate::board_builder::april("23:00"),
    };
    let operator = domain::id::OperatorId::of_login("wei");
    app.publish(domain::command::Command::Operator(domain::command::operators::Wish::Invite { operator, invited }))
        .await;
    let form = format!("key=wei.{}&password=another+long+password+of+mine", secret.as_str());
    let chosen = app.post("/admin/invited", "", &form).await;
    assert_eq!((chosen.status.as_u16(), chosen.header("location")), (303, "/admin/sign-in/code?next=%2Fadmin"));
}

#[tokio::test]
async fn an_own_password_is_changed_by_whoever_knows_it_and_ends_the_other_sessions() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let (here, there) = (app.sign_in("wei").await, app.sign_in("wei").await);
    let key = ConsoleApp::form_key(&app.get(ACCOUNT, &here).await);
    let change = |present: &str, new: &str| format!("form_key={key}&present={present}&password={new}");
    let path = format!("{ACCOUNT}/password");
    assert_eq!(app.post(&path, &here, &change("wrong", "another+long+password+of+mine")).await.status, 401);
    let short = app.post(&path, &here, &change(&password(), "short")).await;
    assert_eq!((short.status.as_u16(), short.text().contains("is too short")), (422, true));
    assert_eq!(app.get("/admin", &there).await.status, 200, "nothing has happened yet");
    let changed = app.post(&path, &here, &change(&password(), "another+long+password+of+mine")).await;
    assert_eq!((changed.status.as_u16(), changed.header("location")), (303, "/admin/account?done=password"));
    let now = kept(&here, &changed);
    assert!(app.get(changed.header("location"), &now).await.text().contains("Your password is changed."));
    assert_eq!(app.get("/admin", &here).await.status, 303);
    assert_eq!(app.get("/admin", &there).await.status, 303);
    let old = app.post("/admin/sign-in", "", &format!("login=wei&password={}", password())).await;
    assert_eq!(old.status, 401);

    let other = app.post("/admin/sign-in", "", "login=wei&password=another+long+password+of+mine").await;
    let other = ConsoleApp::cookie(&other);
    let key = ConsoleApp::form_key(&app.get(ACCOUNT, &now).await);
    let ended = app.post(&format!("{ACCOUNT}/sessions"), &now, &format!("form_key={key}")).await;
    assert_eq!(ended.status, 303);
    assert_eq!(app.get("/admin", &other).await.status, 303);
    assert_eq!(app.get("/admin", &kept(&now, &ended)).await.status, 200);
}

#[tokio::test]
async fn who_knows_the_password_does_not_guess_codes_for_ever() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let own = app.sign_in("wei").await;
    let (secret, _) = enrolled(&app, &own).await;
    let mut wrong = 0;
    while wrong < SECOND_STEPS_MAX {
        // The window of ten minutes is over each time.
        app.advance(WINDOW_SECONDS);
        let step = first_step(&app, "wei").await;
        for _ in 0..10.min(SECOND_STEPS_MAX - wrong) {
            assert_eq!(second_step(&app, &step, "ABCD-EFGH-JKMN-PQRS").await.status, 401);
            wrong += 1;
        }
    }
    app.advance(WINDOW_SECONDS);
    let step = first_step(&app, "wei").await;
    let right = code(&app, &secret);
    assert_eq!(second_step(&app, &step, &right).await.status, 429, "even the right one");
    let told = app.get("/admin/cluster", &own).await;
    assert!(told.text().contains("codes of `wei` were wrong in a day"), "{}", told.text());
    let overview = app.get("/admin", &own).await;
    assert!(overview.text().contains("One thing is to be looked into."), "{}", overview.text());
    let device = own.split("; ").find(|pair| pair.starts_with("holdfast-device")).expect("a device");
    let known = second_step(&app, &format!("{step}; {device}"), &right).await;
    assert_eq!(known.status, 303, "the operator's own browser is not asked to wait: {}", known.text());
}

#[tokio::test]
async fn a_browser_that_several_use_is_known_to_each_of_them_and_tells_nobody_who_they_are() {
    let app = ConsoleApp::start().await;
    let logins: Vec<String> = (0..=DEVICES_MAX).map(|number| format!("operator-{number}")).collect();
    let mut jar = String::new();
    for login in &logins[..2] {
        app.operator(login, Role::Poster).await;
        let form = format!("login={login}&password={}", password());
        jar = kept(&jar, &app.post("/admin/sign-in", &jar, &form).await);
    }
    let mut headers = axum::http::HeaderMap::new();
    headers.insert("cookie", jar.parse().expect("a header"));
    let known = |login: &str, headers: &axum::http::HeaderMap| app.access.device(headers, OperatorId::of_login(login));
    let devices = [&logins[0], &logins[1]].map(|login| known(login, &headers).expect("known"));
    assert_ne!(devices[0], devices[1]);
    assert_eq!(known(&logins[2], &headers), None);
    assert!(!jar.contains("operator") && !jar.contains(OperatorId::of_login(&logins[0]).0.as_str()), "{jar}");
    // Strangers use up their share; in this browser both still sign in, and stay the devices that they were.
    let wrong = |number: u32| format!("login={}&password=wrong+{number}", logins[number as usize % 2]);
    for number in 0..2 * STRANGERS_FAILURES_MAX {
        app.post("/admin/sign-in", "", &wrong(number)).await;
    }
    for (login, device) in logins.iter().zip(devices) {
        let form = format!("login={login}&password={}", password());
        let again = app.post("/admin/sign-in", &jar, &form).await;
        assert_eq!(again.status, 303, "{login}: {}", again.text());
        headers.insert("cookie", kept(&jar, &again).parse().expect("a header"));
        assert_eq!(known(login, &headers), Some(device));
    }
    // Another's device under the name of one's own is none.
    let pairs: Vec<(&str, &str)> = jar.split("; ").filter_map(|pair| pair.split_once('=')).collect();
    let devices: Vec<_> = pairs.into_iter().filter(|(name, _)| name.starts_with("holdfast-device-")).collect();
    let swapped = format!("{}={}", devices[0].0, devices[1].1);
    headers.insert("cookie", swapped.parse().expect("a header"));
    assert_eq!(known(&logins[0], &headers), None);

    // So many that their cookies would fill the head of each request: the oldest goes.
    for login in &logins[2..] {
        app.operator(login, Role::Poster).await;
        headers.insert("cookie", jar.parse().expect("a header"));
        let set = app.access.begin(OperatorId::of_login(login), &headers).expect("a session");
        for cookie in set.iter().map(|cookie| cookie.to_str().expect("text")) {
            let (pair, is_over) = (cookie.split(';').next().expect("a pair"), cookie.contains("Max-Age=0"));
            let name = pair.split('=').next().expect("a name");
            let others: Vec<&str> = jar.split("; ").filter(|held| !held.starts_with(name)).collect();
            let own = Some(pair).filter(|_| !is_over);
            jar = others.into_iter().chain(own).collect::<Vec<_>>().join("; ");
        }
    }
    headers.insert("cookie", jar.parse().expect("a header"));
    let held = logins.iter().filter(|login| known(login, &headers).is_some()).count();
    assert_eq!((held, known(&logins[0], &headers)), (DEVICES_MAX, None));
}

#[tokio::test]
async fn whoever_hangs_up_has_made_an_attempt_and_a_long_password_counts_for_the_address_alone() {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let typed = |password: String| Typed { login: "wei".to_owned(), password };
    let headers = axum::http::HeaderMap::new();
    let from = |last: u32| Some(std::net::IpAddr::from([192, 0, 2, u8::try_from(last).expect("small")]));
    for attempt in 0..STRANGERS_FAILURES_MAX {
        let long = app.access.sign_in(&headers, from(attempt), typed("x".repeat(2000))).await;
        assert_eq!(long.expect_err("it is wrong"), Refused::Wrong);
    }
    let right = app.access.sign_in(&headers, from(99), typed(PASSWORD.to_owned())).await;
    assert!(right.is_ok(), "the account does not wait: {right:?}");
    for attempt in 0..STRANGERS_FAILURES_MAX {
        // As far as it goes at once: to where the hashing has begun, when nobody else is at it. Then the connection is gone.
        drop(app.access.hashing.turn(Browser::Stranger).await.expect("a turn"));
        let mut asking = Box::pin(app.access.sign_in(&headers, from(attempt), typed("wrong".to_owned())));
        let is_at_work = poll_fn(|context| Poll::Ready(asking.as_mut().poll(context).is_pending())).await;
        assert!(is_at_work, "{attempt}");
    }
    let refused = app.access.sign_in(&headers, from(99), typed(PASSWORD.to_owned())).await;
    assert!(matches!(refused, Err(Refused::Wait(_))), "{refused:?}");
}

#[tokio::test]
async fn a_recovery_code_that_two_regions_took_is_told_in_both() {
    let (one, two) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
    one.operator("wei", Role::Poster).await;
    let (_, codes) = enrolled(&one, &one.sign_in("wei").await).await;
    two.pull(&one).await;
    two.advance(60);
    let step = first_step(&one, "wei").await;
    let first = second_step(&one, &step, &codes[2]).await;
    let second = second_step(&two, &step, &codes[2]).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (303, 303), "apart, neither knows of the other");
    one.pull(&two).await;
    two.pull(&one).await;
    let session = ConsoleApp::cookie(&first);
    for app in [&one, &two] {
        let page = app.get("/admin/cluster", &session).await;
        let text = page.text();
        assert!(text.contains("recovery code 3 of `wei` was used in ap-guangzhou at 2024-04-08T07:24:00Z"), "{text}");
    }
    enrolled(&two, &session).await;
    one.pull(&two).await;
    let page = one.get("/admin/cluster", &session).await;
    assert!(!page.text().contains("recovery code 3"), "{}", page.text());
}
