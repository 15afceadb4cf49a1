//! Who may pass which door of the console: every route by every kind of visitor, cell by cell.
//!
//! A new route gets a line in [`DOORS`]; without one the first test fails and names it.

use crate::{console_app::ConsoleApp, test_app::Reply};
use axum::http::HeaderValue;
use domain::{
    change::Author,
    command::{Command, break_glass::Wish},
    id::{CodeBatchId, IncidentId, OperatorId, SessionId, UpdateId},
    operator::Role,
};
use server::access::{
    break_glass, cookies,
    session::{SESSION_SECONDS, Way},
    throttle::WINDOW_SECONDS,
};
use std::{collections::BTreeSet, path::Path};

/// Method, path, the least role (`None`: anybody), and what its handler answers an empty form with.
const DOORS: &[(&str, &str, Option<Role>, u16)] = &[
    ("GET", "/admin/sign-in", None, 200),
    ("POST", "/admin/sign-in", None, 401),
    ("GET", "/admin/sign-in/code", None, 303),
    ("POST", "/admin/sign-in/code", None, 401),
    ("POST", "/admin/passkey", None, 401),
    ("POST", "/admin/passkey/begin", None, 200),
    ("GET", "/admin/oidc", None, 404),
    ("GET", "/admin/oidc/back", None, 404),
    ("GET", "/admin/break-glass", None, 200),
    ("POST", "/admin/break-glass", None, 422),
    ("GET", "/admin/first", None, 403),
    ("POST", "/admin/first", None, 403),
    ("GET", "/admin/invited", None, 403),
    ("POST", "/admin/invited", None, 403),
    ("GET", "/admin", Some(Role::Poster), 200),
    ("POST", "/admin/sign-out", Some(Role::Poster), 303),
    ("GET", "/admin/account", Some(Role::Poster), 200),
    ("POST", "/admin/account/password", Some(Role::Poster), 401),
    ("POST", "/admin/account/sessions", Some(Role::Poster), 303),
    ("POST", "/admin/account/second-factor", Some(Role::Poster), 401),
    ("POST", "/admin/account/second-factor/confirm", Some(Role::Poster), 422),
    ("POST", "/admin/account/second-factor/remove", Some(Role::Poster), 401),
    ("POST", "/admin/account/passkeys", Some(Role::Poster), 422),
    ("POST", "/admin/account/passkeys/begin", Some(Role::Poster), 401),
    ("POST", "/admin/account/passkeys/remove", Some(Role::Poster), 401),
    ("GET", "/admin/cluster", Some(Role::Poster), 200),
    ("GET", "/admin/past", Some(Role::Poster), 200),
    ("GET", "/admin/audit", Some(Role::Poster), 200),
    ("GET", "/admin/audit/export", Some(Role::Poster), 200),
    ("GET", "/admin/incidents/new", Some(Role::Poster), 200),
    ("POST", "/admin/incidents/new", Some(Role::Poster), 422),
    ("GET", "/admin/incidents/{id}", Some(Role::Poster), 200),
    ("POST", "/admin/incidents/{id}/updates", Some(Role::Poster), 409),
    ("GET", "/admin/{*rest}", Some(Role::Poster), 404),
    ("GET", "/admin/catalog", Some(Role::Editor), 200),
    ("POST", "/admin/catalog", Some(Role::Editor), 200),
    ("GET", "/admin/maintenances/new", Some(Role::Editor), 200),
    ("POST", "/admin/maintenances/new", Some(Role::Editor), 422),
    ("GET", "/admin/maintenances/{id}", Some(Role::Editor), 200),
    ("POST", "/admin/maintenances/{id}/updates", Some(Role::Editor), 409),
    ("GET", "/admin/incidents/{id}/edit", Some(Role::Editor), 200),
    ("POST", "/admin/incidents/{id}/edit", Some(Role::Editor), 409),
    ("GET", "/admin/incidents/{id}/updates/{update}", Some(Role::Editor), 200),
    ("POST", "/admin/incidents/{id}/updates/{update}", Some(Role::Editor), 409),
    ("GET", "/admin/incidents/{id}/postmortem", Some(Role::Editor), 200),
    ("POST", "/admin/incidents/{id}/postmortem", Some(Role::Editor), 409),
    ("GET", "/admin/maintenances/{id}/edit", Some(Role::Editor), 200),
    ("POST", "/admin/maintenances/{id}/edit", Some(Role::Editor), 409),
    ("GET", "/admin/maintenances/{id}/updates/{update}", Some(Role::Editor), 200),
    ("POST", "/admin/maintenances/{id}/updates/{update}", Some(Role::Editor), 409),
    ("GET", "/admin/maintenances/{id}/postmortem", Some(Role::Editor), 200),
    ("POST", "/admin/maintenances/{id}/postmortem", Some(Role::Editor), 409),
    ("GET", "/admin/templates", Some(Role::Editor), 200),
    ("POST", "/admin/templates", Some(Role::Editor), 422),
    ("GET", "/admin/operators", Some(Role::Administrator), 200),
    ("POST", "/admin/operators", Some(Role::Administrator), 422),
    ("GET", "/admin/tokens", Some(Role::Administrator), 200),
    ("POST", "/admin/tokens", Some(Role::Administrator), 422),
];

/// Who stands at a door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Visitor {
    Anonymous,
    /// With a session that a code began.
    BreakGlass,
    /// Of a batch that was revoked.
    RevokedGlass,
    ExpiredGlass,
    /// After the password and before the second factor.
    HalfSignedIn,
    /// A browser that has signed in once, without a session.
    DeviceOnly,
    Poster,
    Editor,
    Administrator,
    /// An administrator by a provider's word.
    ByProvider,
    /// From here on an administrator, with one thing that is not right.
    Expired,
    SignedOut,
    /// Whose sessions were all ended.
    Ended,
    LetOut,
    /// The session was begun by a node that was removed since.
    OfRemovedNode,
    Altered,
    WrongKey,
    NoKey,
    ForeignOrigin,
    ForeignSite,
}

use Visitor::*;

const VISITORS: [Visitor; 20] = [
    Anonymous,
    BreakGlass,
    RevokedGlass,
    ExpiredGlass,
    HalfSignedIn,
    DeviceOnly,
    Poster,
    Editor,
    Administrator,
    ByProvider,
    Expired,
    SignedOut,
    Ended,
    LetOut,
    OfRemovedNode,
    Altered,
    WrongKey,
    NoKey,
    ForeignOrigin,
    ForeignSite,
];

/// What the door did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// The handler ran; what it answered has this status.
    Passed(u16),
    /// On to the sign-in page, and back from there.
    SignInFirst,
    SessionOver,
    RoleTooLow,
    KeyOfAnother,
    Foreign,
}

impl Visitor {
    /// The role of a session that goes on.
    fn role(self) -> Option<Role> {
        match self {
            BreakGlass | Poster => Some(Role::Poster),
            Editor => Some(Role::Editor),
            Administrator | ByProvider | WrongKey | NoKey | ForeignOrigin | ForeignSite => Some(Role::Administrator),
            _ => None,
        }
    }

    /// What the handler answers this visitor with, where it has let them in.
    fn answer(self, method: &str, path: &str, usual: u16) -> u16 {
        match (self, method, path) {
            (HalfSignedIn, "GET", "/admin/sign-in/code") => 200,
            // There is no account behind a code.
            (BreakGlass, _, path) if path.starts_with("/admin/account") => 403,
            _ => usual,
        }
    }

    fn expected(self, method: &str, path: &str, least: Option<Role>, usual: u16) -> Outcome {
        let (is_post, passed) = (method == "POST", Outcome::Passed(self.answer(method, path, usual)));
        if is_post && matches!(self, ForeignOrigin | ForeignSite) {
            return Outcome::Foreign;
        }
        let Some(least) = least else { return passed };
        match self.role() {
            None if is_post => Outcome::SessionOver,
            None => Outcome::SignInFirst,
            Some(role) if role < least => Outcome::RoleTooLow,
            Some(_) if is_post && matches!(self, WrongKey | NoKey) => Outcome::KeyOfAnother,
            Some(_) => passed,
        }
    }
}

fn outcome(reply: &Reply) -> Outcome {
    let said = |status: u16, what: &str| reply.status == status && reply.text().contains(what);
    match () {
        () if reply.status == 303 && reply.header("location").starts_with("/admin/sign-in?next=%2Fadmin") => {
            Outcome::SignInFirst
        }
        () if said(401, "your session is over") => Outcome::SessionOver,
        () if said(403, "this needs the role") => Outcome::RoleTooLow,
        () if said(403, "the form is of another session") => Outcome::KeyOfAnother,
        () if said(403, "the form comes from a page of another site") => Outcome::Foreign,
        () => Outcome::Passed(reply.status.as_u16()),
    }
}

/// Every `.route("PATH", METHODS)` in the sources of the console.
fn routed() -> BTreeSet<(&'static str, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/console");
    let mut routes = BTreeSet::new();
    for file in std::fs::read_dir(folder).expect("the console's sources") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("a source");
        for call in text.split(".route(").skip(1) {
            let path = call.split('"').nth(1).expect("a path in quotes");
            // A path that is put together for both kinds of timeline.
            let folders = ["/admin/incidents/{id}", "/admin/maintenances/{id}"];
            let paths: Vec<String> = match path.strip_prefix("{folder}") {
                Some(rest) => folders.iter().map(|folder| format!("{folder}{rest}")).collect(),
                None => vec![path.to_owned()],
            };
            let paths = paths.iter().map(|path| path.replace("{{", "{").replace("}}", "}"));
            let methods = call.split_once(',').expect("its methods").1;
            let methods = methods.split(".route").next().expect("up to the next");
            for (word, method) in
                [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("delete(", "DELETE"), ("any(", "ANY")]
            {
                let is_said = |(at, _): (usize, _)| {
                    !methods[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_')
                };
                if methods.match_indices(word).any(is_said) {
                    routes.extend(paths.clone().map(|path| (method, path)));
                }
            }
        }
    }
    routes
}

#[test]
fn the_table_has_every_route_of_the_console() {
    let table: BTreeSet<_> = DOORS.iter().map(|(method, path, ..)| (*method, (*path).to_owned())).collect();
    assert_eq!(table.len(), DOORS.len(), "a route stands twice");
    let routed = routed();
    assert!(routed.len() > 30, "the sources are read: {routed:?}");
    let missing: Vec<_> = routed.difference(&table).collect();
    let gone: Vec<_> = table.difference(&routed).collect();
    assert!(missing.is_empty() && gone.is_empty(), "add to DOORS: {missing:?}; take out of it: {gone:?}");
}

/// Two nodes with one log, and everybody who comes.
struct House {
    app: ConsoleApp,
    batch: CodeBatchId,
    incident: Place,
    maintenance: Place,
    expired: String,
    expired_glass: String,
    signed_out: String,
    ended: String,
    let_out: String,
    of_removed: String,
    revoked: String,
}

/// A timeline, and an update of it.
struct Place {
    id: IncidentId,
    update: UpdateId,
}

impl Place {
    fn of(app: &ConsoleApp, id: IncidentId) -> Self {
        let update = app.node().board().incident(id).and_then(|held| held.newest()).expect("an update").id;
        Place { id, update }
    }
}

fn pairs(set: &[HeaderValue]) -> String {
    let pair = |value: &HeaderValue| value.to_str().expect("text").split(';').next().expect("a pair").to_owned();
    set.iter().map(pair).collect::<Vec<_>>().join("; ")
}

fn cookie(app: &ConsoleApp, login: &str) -> String {
    pairs(&app.access.begin(OperatorId::of_login(login), &axum::http::HeaderMap::new()).expect("a session"))
}

fn session_id(number: u8) -> SessionId {
    SessionId(domain::id::Id::derived(&[b"door", &[number]]))
}

fn glass(app: &ConsoleApp, batch: CodeBatchId, number: u8) -> String {
    pairs(&app.access.begin_broken_glass(session_id(number), batch, 0))
}

async fn batch(app: &ConsoleApp) -> CodeBatchId {
    let author = Author { name: "root".to_owned(), way: "cli".to_owned() };
    break_glass::issue(app.node(), "safe".to_owned(), 1, author, None).await.expect("issued").batch
}

impl House {
    async fn open() -> House {
        let (app, other) = (ConsoleApp::start().await, ConsoleApp::number(2).await);
        for (login, role) in [
            ("poster", Role::Poster),
            ("editor", Role::Editor),
            ("root", Role::Administrator),
            ("ended", Role::Administrator),
            ("out", Role::Administrator),
        ] {
            app.operator(login, role).await;
        }
        let incident = Place::of(&app, app.open_incident().await);
        let maintenance = Place::of(&app, app.plan_maintenance().await);
        let expired = cookie(&app, "root");
        let kept = batch(&app).await;
        let expired_glass = glass(&app, kept, 2);
        for held in [&expired, &expired_glass] {
            assert_eq!(app.get("/admin", held).await.status, 200, "it was good once");
        }
        app.advance(SESSION_SECONDS);
        other.pull(&app).await;
        other.advance(SESSION_SECONDS);
        let [signed_out, ended, let_out] = [cookie(&app, "root"), cookie(&app, "ended"), cookie(&app, "out")];
        let of_removed = cookie(&other, "root");
        let lost = batch(&app).await;
        let revoked = glass(&app, lost, 1);
        for held in [&signed_out, &ended, &let_out, &of_removed, &revoked] {
            assert_eq!(app.get("/admin", held).await.status, 200, "it was good once");
        }
        let key = ConsoleApp::form_key(&app.get("/admin", &signed_out).await);
        app.post("/admin/sign-out", &signed_out, &format!("form_key={key}")).await;
        let key = ConsoleApp::form_key(&app.get("/admin", &ended).await);
        app.post("/admin/account/sessions", &ended, &format!("form_key={key}")).await;
        let root = cookie(&app, "root");
        let key = ConsoleApp::form_key(&app.get("/admin/operators", &root).await);
        app.post("/admin/operators", &root, &format!("form_key={key}&login=out&do=out")).await;
        let author = Author { name: "root".to_owned(), way: "cli".to_owned() };
        let key = other.node().store().identity().node_key();
        app.node().remove_node(key, None, author).await.expect("removed");
        app.publish(Command::BreakGlass(Wish::Revoke { batch: lost })).await;
        let batch = batch(&app).await;
        House {
            app,
            batch,
            incident,
            maintenance,
            expired,
            expired_glass,
            signed_out,
            ended,
            let_out,
            of_removed,
            revoked,
        }
    }

    /// The visitor's cookies, fresh where they are good, and the key of their session.
    async fn credentials(&self, visitor: Visitor, number: u8) -> (String, String) {
        let cookie = match visitor {
            Anonymous => String::new(),
            BreakGlass => glass(&self.app, self.batch, number),
            RevokedGlass => self.revoked.clone(),
            ExpiredGlass => self.expired_glass.clone(),
            HalfSignedIn => {
                let step = self.app.access.ask_second(OperatorId::of_login("root"), Way::Own);
                pairs(&step.expect("the second step"))
            }
            DeviceOnly => {
                let all = cookie(&self.app, "root");
                let device = all.split("; ").find(|pair| pair.starts_with(cookies::DEVICE)).map(str::to_owned);
                device.expect("a browser's own cookie")
            }
            ByProvider => {
                let session = self.app.access.begin_by(
                    OperatorId::of_login("root"),
                    &axum::http::HeaderMap::new(),
                    Way::Provider,
                );
                pairs(&session.expect("a session"))
            }
            Poster => cookie(&self.app, "poster"),
            Editor => cookie(&self.app, "editor"),
            Expired => self.expired.clone(),
            SignedOut => self.signed_out.clone(),
            Ended => self.ended.clone(),
            LetOut => self.let_out.clone(),
            OfRemovedNode => self.of_removed.clone(),
            Altered => {
                // Another first letter of the signature.
                let good = cookie(&self.app, "root");
                let at = good.find('.').expect("a signature") + 1;
                let other = if good[at..].starts_with('A') { "B" } else { "A" };
                format!("{}{other}{}", &good[..at], &good[at + 1..])
            }
            _ => cookie(&self.app, "root"),
        };
        let key = match visitor {
            NoKey => String::new(),
            WrongKey => {
                ConsoleApp::form_key(&self.app.get("/admin", &crate::console_doors::cookie(&self.app, "root")).await)
            }
            _ if visitor.role().is_some() => ConsoleApp::form_key(&self.app.get("/admin", &cookie).await),
            _ => "of+nobody".to_owned(),
        };
        (cookie, key)
    }

    /// The address of a door for a timeline that is there.
    fn address(&self, path: &str) -> String {
        let place = if path.starts_with("/admin/maintenances") { &self.maintenance } else { &self.incident };
        let path = path.replace("{id}", &place.id.to_string()).replace("{update}", &place.update.to_string());
        path.replace("{*rest}", "no/such/page")
    }

    async fn knock(&self, visitor: Visitor, (cookie, key): (String, String), method: &str, path: &str) -> Reply {
        let mut headers = vec![("cookie", cookie.as_str()), ("content-type", "application/x-www-form-urlencoded")];
        match visitor {
            ForeignOrigin => headers.push(("origin", "https://evil.example")),
            ForeignSite => headers.push(("sec-fetch-site", "cross-site")),
            _ => {}
        }
        let form = if method == "POST" { format!("form_key={key}") } else { String::new() };
        self.app.send(method, path, &headers, &form).await
    }
}

#[tokio::test]
async fn every_door_opens_to_whom_it_should_and_to_nobody_else() {
    let house = House::open().await;
    let mut cells = 0;
    let mut wrong = Vec::new();
    for (number, (method, path, least, usual)) in (10..).zip(DOORS) {
        let address = house.address(path);
        if least.is_none() && *method == "POST" {
            // What fails at one door does not have the next one's visitors wait.
            house.app.advance(WINDOW_SECONDS);
        }
        for visitor in VISITORS {
            let credentials = house.credentials(visitor, number).await;
            let before = house.app.node().store().digest();
            let reply = house.knock(visitor, credentials, method, &address).await;
            let (got, right) = (outcome(&reply), visitor.expected(method, path, *least, *usual));
            if got != right {
                wrong.push(format!("{visitor:?} at {method} {path}: {got:?}, not {right:?}"));
            }
            if !matches!(got, Outcome::Passed(_)) && house.app.node().store().digest() != before {
                wrong.push(format!("{visitor:?} at {method} {path}: {got:?}, and the log has another event"));
            }
            assert_eq!(reply.header("cache-control"), "no-store", "{visitor:?} at {method} {path}");
            assert_eq!(reply.header("cross-origin-resource-policy"), "same-origin", "{visitor:?} at {method} {path}");
            cells += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {cells} cells: {wrong:#?}", wrong.len());
    assert_eq!(cells, DOORS.len() * VISITORS.len());
}
