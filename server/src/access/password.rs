//! Passwords: argon2id (RFC 9106) with the parameters that OWASP recommends: 19 MiB, two passes, one lane.

use app::console::Obstacle;
use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::command::Refusal;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Fewest characters of a password (NIST SP 800-63B, for a password that is the only factor).
pub const LENGTH_MIN: usize = 15;
/// Most bytes; longer ones are refused before they are hashed.
pub const BYTES_MAX: usize = 1024;
/// Of each kind of browser, passwords that wait their turn at most; one is hashed at a time, in 19 MiB.
const WAITING_MAX: usize = 24;

/// Hashes one password at a time for browsers that have signed in before and one for all others, off the async threads:
/// strangers who crowd in keep no operator waiting.
#[derive(Debug, Default)]
pub struct Hashing {
    known: Lane,
    strangers: Lane,
}

/// Whose password it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// It has signed in to the account before, or holds a link or a session.
    Known,
    Stranger,
}

#[derive(Debug)]
struct Lane {
    turn: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// The right to hash one password. It ends with the hashing, also when nobody waits for the result any more: whoever
/// sends a password and hangs up has hashed one all the same.
#[derive(Debug)]
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Default for Lane {
    fn default() -> Self {
        Lane { turn: Arc::new(Semaphore::new(1)), places: Arc::new(Semaphore::new(1 + WAITING_MAX)) }
    }
}

/// Too many wait for their passwords to be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many are signing in; try again in a moment")]
pub struct Crowded;

impl Hashing {
    /// The hash of a new password, in the PHC string format, with a fresh salt.
    ///
    /// # Errors
    /// [`Crowded`] when too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Crowded> {
        let turn = self.turn(Browser::Known).await?;
        turn.work(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()))
            .await?
            .map_err(|_| Crowded)
    }

    /// Waits for a turn to verify a password.
    ///
    /// # Errors
    /// [`Crowded`] when too many wait already.
    pub async fn turn(&self, of: Browser) -> Result<Turn, Crowded> {
        let lane = match of {
            Browser::Known => &self.known,
            Browser::Stranger => &self.strangers,
        };
        let place = Arc::clone(&lane.places).try_acquire_owned().map_err(|_| Crowded)?;
        let turn = Arc::clone(&lane.turn).acquire_owned().await.map_err(|_| Crowded)?;
        Ok(Turn { _place: place, _turn: turn })
    }
}

impl Turn {
    /// Whether a password is the one that `hash` was made from. Without a hash it takes as long, and is not.
    ///
    /// # Errors
    /// [`Crowded`] when the process ends.
    pub async fn verify(self, password: String, hash: Option<String>) -> Result<bool, Crowded> {
        self.work(move || {
            let is_known = hash.is_some();
            let hash = hash.unwrap_or_else(|| nobodys_hash().to_owned());
            let Ok(parsed) = PasswordHash::new(&hash) else { return false };
            Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && is_known
        })
        .await
    }

    async fn work<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Crowded> {
        let worked = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(self);
            done
        });
        worked.await.map_err(|_| Crowded)
    }
}

/// A hash that no password is compared with in earnest.
fn nobodys_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| {
        let hash = Argon2::default().hash_password(b"nobody's password");
        hash.map(|hash| hash.to_string()).unwrap_or_default()
    })
}

/// Makes that hash in good time: the first unknown name is not to be told by the time that it takes.
pub fn prepare() -> std::thread::JoinHandle<&'static str> {
    std::thread::spawn(nobodys_hash)
}

/// Checks a new password.
///
/// # Errors
/// What is wrong with it, without repeating it.
pub fn check(password: &str, login: &str) -> Result<(), Refusal> {
    if password.chars().count() < LENGTH_MIN {
        return Err(Obstacle::PasswordShort { min: LENGTH_MIN }.at("password"));
    }
    if password.len() > BYTES_MAX {
        return Err(Obstacle::PasswordLong { max: BYTES_MAX }.at("password"));
    }
    let mut characters: Vec<char> = password.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < 5 || !login.is_empty() && password.to_lowercase().contains(login) {
        return Err(Obstacle::PasswordPlain { min: LENGTH_MIN }.at("password"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_password_is_long_and_not_plain() {
        for (password, right) in [
            ("short", false),
            ("aaaaaaaaaaaaaaaaaaaa", false),
            ("wei@example.com-2024", false),
            ("correct horse battery staple", true),
            ("十五个字的密码也可以用中文来写的", true),
        ] {
            assert_eq!(check(password, "wei@example.com").is_ok(), right, "{password}");
        }
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other() {
        let hashing = Hashing::default();
        let hash = hashing.hash("correct horse battery staple".to_owned()).await.expect("a turn");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password: &str, hash: Option<String>| {
            hashing.turn(Browser::Stranger).await?.verify(password.to_owned(), hash).await
        };
        assert_eq!(verify("correct horse battery staple", Some(hash.clone())).await, Ok(true));
        assert_eq!(verify("correct horse battery staples", Some(hash)).await, Ok(false));
        assert_eq!(verify("nobody's password", None).await, Ok(false));
        assert_eq!(verify("x", Some("no hash".to_owned())).await, Ok(false));
    }

    #[tokio::test]
    async fn who_hangs_up_keeps_the_turn_until_the_work_is_done() {
        let hashing = Hashing::default();
        let (begun, has_begun) = std::sync::mpsc::channel();
        let (end, may_end) = std::sync::mpsc::channel::<()>();
        let turn = hashing.turn(Browser::Stranger).await.expect("a turn");
        let asking = tokio::spawn(turn.work(move || {
            begun.send(()).expect("the test waits");
            may_end.recv().expect("the test says so");
        }));
        tokio::task::spawn_blocking(move || has_begun.recv()).await.expect("no panic").expect("it begins");
        asking.abort();
        assert!(asking.await.expect_err("hung up").is_cancelled());
        assert_eq!(hashing.strangers.turn.available_permits(), 0, "it is at work");
        assert_eq!(hashing.strangers.places.available_permits(), WAITING_MAX);
        end.send(()).expect("it waits");
        hashing.turn(Browser::Stranger).await.expect("the next one's turn comes with its end");
    }
}
