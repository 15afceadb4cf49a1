//! What the log of the process says of those who try to get in, and that no secret is in it.

use crate::console_app::{ConsoleApp, PASSWORD};
use domain::{change::Author, operator::Role};
use server::access::break_glass;
use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

const WRONG: &str = "a-password-that-is-not-right";

/// Keeps what was logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).expect("text")
    }

    /// The lines since the last call.
    fn take(&self) -> String {
        let text = self.text();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        text
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Kept {
    type Writer = Kept;
    fn make_writer(&'a self) -> Kept {
        self.clone()
    }
}

/// The test's runtime has one thread, so whatever the server logs on it is kept.
#[tokio::test]
async fn every_try_to_get_in_is_logged_without_its_secret() {
    let kept = Kept::default();
    // While there is one subscriber alone, what a test on another thread logs first is taken for what nobody wants.
    let _second = tracing::Dispatch::new(tracing_subscriber::fmt().with_writer(std::io::sink).finish());
    let subscriber = tracing_subscriber::fmt().with_writer(kept.clone()).with_ansi(false);
    let _guard = subscriber.with_max_level(tracing::Level::TRACE).set_default();
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let author = Author { name: "root".to_owned(), way: "cli".to_owned() };
    let codes = break_glass::issue(app.node(), "safe".to_owned(), 1, author, None).await.expect("issued").codes;
    let set_up = kept.take();
    assert!(set_up.contains("break-glass codes were issued"), "{set_up}");

    assert_eq!(app.post("/admin/sign-in", "", &format!("login=wei&password={WRONG}")).await.status, 401);
    let failed = kept.take();
    let account = domain::id::OperatorId::of_login("wei").to_string();
    let line = failed.lines().find(|line| line.contains("a sign-in failed")).expect("a line");
    for part in ["WARN", account.as_str(), "127.0.0.1"] {
        assert!(line.contains(part), "{part}: {line}");
    }

    let cookie = app.sign_in("wei").await;
    let entered = kept.take();
    assert!(entered.lines().any(|line| line.contains("signed in") && line.contains(&account)), "{entered}");
    let begun = app.post("/admin/break-glass", "", &format!("code={}", codes[0])).await;
    let again = app.post("/admin/break-glass", "", &format!("code={}", codes[0])).await;
    assert_eq!((begun.status.as_u16(), again.status.as_u16()), (303, 401));
    let broken = kept.take();
    for part in ["the glass is broken: a code began a session", "a break-glass code was refused"] {
        assert!(broken.contains(part), "{part}: {broken}");
    }

    let typed = PASSWORD.replace(' ', "+");
    let cookies = [cookie, ConsoleApp::cookie(&begun)].join("; ");
    let values = cookies.split("; ").filter_map(|pair| pair.split_once('=')).map(|(_, value)| value);
    let values = values.filter(|value| !value.is_empty());
    let secrets: Vec<&str> = values.chain(codes.iter().map(String::as_str)).chain([WRONG, PASSWORD, &typed]).collect();
    assert!(secrets.len() > 5, "{secrets:?}");
    let all = [set_up, failed, entered, broken].concat();
    for secret in secrets {
        assert!(secret.len() > 8 && !all.contains(secret), "{secret}");
    }
    assert!(!all.contains("$argon2"), "nor a hash: {all}");
}
