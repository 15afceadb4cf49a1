//! How anybody can check a copy, with tools that are there already: what its signed list proves and what it does not, whose
//! keys count, where copies are, and the commands. A test runs exactly these.

use crate::{
    address::Selection,
    parts::{
        Context,
        moment::message,
        nothing,
        shell::{Document, Life},
    },
    site::CopyKind,
};
use domain::{id::NodeKey, trust::Member};
use leptos::prelude::*;
use sha2::{Digest, Sha256};

/// The commands, with places for what is known of this page and for words.
const COMMANDS: &str = include_str!("verify.sh");
/// What stands before the 32 bytes of an Ed25519 key where tools expect a public key (RFC 8410).
const PUBLIC_KEY_BEGIN: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// Bytes of the hash that a fingerprint tells, and how many of them stand together.
const FINGERPRINT_BYTES: usize = 16;
const FINGERPRINT_GROUP_BYTES: usize = 2;

pub fn page(cx: &Context) -> Document {
    let title = cx.verify_title();
    let lead = if cx.site.is_copy() { "verify-lead-this" } else { "verify-lead" };
    let proves = vec![
        point(Some(cx.say("verify-who")), vec![cx.say("verify-who-how").into_any()]),
        point(Some(cx.say("verify-when")), message(cx, "verify-when-how", &[], times())),
        point(Some(cx.say("verify-unaltered")), vec![cx.say("verify-unaltered-how").into_any()]),
    ];
    let not = vec![
        point(None, message(cx, "verify-not-newest", &[], times())),
        point(None, vec![cx.say("verify-not-right").into_any()]),
        point(None, vec![cx.say("verify-not-keys").into_any()]),
    ];
    let main = view! {
        <section id="verify" aria-labelledby="verify-title">
            <h1 id="verify-title">{title.clone()}</h1>
            <p>{cx.say(lead)}</p>
            <div class="proof">
                <div>
                    <h2>{cx.say("verify-proves")}</h2>
                    <ul class="points">{proves}</ul>
                </div>
                <div>
                    <h2>{cx.say("verify-proves-not")}</h2>
                    <ul class="points">{not}</ul>
                </div>
            </div>
        </section>
        <section id="keys" aria-labelledby="keys-title">
            <h2 id="keys-title">{cx.say("verify-keys")}</h2>
            <p>{cx.say("verify-keys-compare")}</p>
            {keys(cx)}
        </section>
        <section id="copies" aria-labelledby="copies-title">
            <h2 id="copies-title">{cx.say("verify-copies")}</h2>
            {copies(cx)}
        </section>
        <section id="commands" aria-labelledby="commands-title">
            <h2 id="commands-title">{cx.say("verify-commands")}</h2>
            <p>{cx.say("verify-commands-take")}</p>
            {steps(cx)}
            <details id="commands-text">
                <summary>{cx.say("verify-commands-show")}</summary>
                <pre class="commands">
                    <code>{commands(cx)}</code>
                </pre>
            </details>
            <p>{message(cx, "verify-commands-result", &[], times())}</p>
            <p class="note">{message(cx, "verify-commands-program", &[], vec![("command", code("holdfast snapshot verify"))])}</p>
        </section>
    };
    Document {
        title,
        title_unconfirmed: None,
        description: cx.say("verify-description"),
        selection: Selection::Whole,
        life: Life::Past,
        main: main.into_any(),
    }
}

fn point(what: Option<String>, how: Vec<AnyView>) -> AnyView {
    let what = what.map(|what| view! { <strong>{what}</strong> " " });
    view! { <li>{what} {how}</li> }.into_any()
}

/// The lines of the list that tell times, by name.
fn times() -> Vec<(&'static str, AnyView)> {
    vec![("confirmed", code("confirmed-at")), ("until", code("trust-until"))]
}

fn code(text: &'static str) -> AnyView {
    view! { <code>{text}</code> }.into_any()
}

/// What a reader does with the commands.
fn steps(cx: &Context) -> AnyView {
    let save = message(cx, "verify-step-save", &[], vec![("file", code("check.sh"))]);
    let fill = message(cx, "verify-step-fill", &[], vec![("folder", code("file:///..."))]);
    let places = vec![("command", code("sh check.sh")), ("one", code("sh check.sh history/index.html"))];
    let run = message(cx, "verify-step-run", &[], places);
    view! {
        <ol class="steps">
            <li>{save}</li>
            <li>{fill}</li>
            <li>{run}</li>
        </ol>
    }
    .into_any()
}

/// The keys of the nodes that count, each with where it serves from and its fingerprint.
fn keys(cx: &Context) -> AnyView {
    let keys: Vec<AnyView> = cx.board.signers.iter().map(|signer| key(cx, signer)).collect();
    view! { <ul class="keys">{keys}</ul> }.into_any()
}

fn key(cx: &Context, signer: &Member) -> AnyView {
    let region = cx.serving_region(&signer.region);
    // Two nodes of one region are told apart.
    let name = (signer.name != signer.region).then(|| view! { <span class="note">{signer.name.clone()}</span> });
    let fingerprint = fingerprint(&signer.key);
    view! {
        <li>
            <p class="facts">
                <span class="name">{region}</span>
                {name}
            </p>
            <code class="key">{signer.key.to_string()}</code>
            <p class="note">{cx.say("verify-fingerprint")} " " <code>{fingerprint}</code></p>
        </li>
    }
    .into_any()
}

/// The first 16 bytes of the SHA-256 of the public key as `openssl pkey -pubin -outform DER` writes it, in groups.
pub fn fingerprint(key: &NodeKey) -> String {
    let hash = Sha256::new().chain_update(PUBLIC_KEY_BEGIN).chain_update(key.0).finalize();
    let groups = hash[..FINGERPRINT_BYTES].chunks(FINGERPRINT_GROUP_BYTES);
    let digits = |group: &[u8]| group.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    groups.map(digits).collect::<Vec<_>>().join(" ")
}

/// The mirrors that readers are told of; where there are none, that.
fn copies(cx: &Context) -> AnyView {
    let mirrors = cx.site.copies.iter().filter(|copy| copy.kind == CopyKind::Mirror);
    let mirrors: Vec<AnyView> = mirrors
        .map(|copy| {
            view! {
                <li>
                    <span>{copy.name.clone()}</span>
                    <a href=copy.url.clone() rel="noopener">{copy.url.clone()}</a>
                </li>
            }
            .into_any()
        })
        .collect();
    let here = match cx.site.is_copy() {
        true => view! { <p>{cx.say("verify-here-copy")}</p> }.into_any(),
        false => view! { <p>{cx.say("verify-here-live")}</p> }.into_any(),
    };
    let list = match (mirrors.is_empty(), cx.site.is_copy()) {
        (true, false) => view! { <p>{cx.say("verify-no-copies")}</p> }.into_any(),
        (true, true) => nothing(),
        (false, _) => view! { <ul class="copies">{mirrors}</ul> }.into_any(),
    };
    view! {
        {here}
        {list}
    }
    .into_any()
}

/// The commands for this page's first mirror and its keys. What is put in was checked (addresses, keys) or comes from the
/// message files, so that nothing of it means anything to a shell.
fn commands(cx: &Context) -> String {
    let mirror = cx.site.copies.iter().find(|copy| copy.kind == CopyKind::Mirror);
    let copy = mirror.map_or_else(|| "file:///srv/status".to_owned(), |mirror| mirror.url.clone());
    let keys: Vec<String> = cx.board.signers.iter().map(|signer| signer.key.to_string()).collect();
    let places = [
        ("@copy@", copy),
        ("@keys@", keys.join("\n")),
        ("@changed@", cx.say("verify-say-changed")),
        ("@lacking@", cx.say("verify-say-lacking")),
        ("@none@", cx.say("verify-say-none")),
        ("@unknown@", cx.say("verify-say-unknown")),
        ("@forged@", cx.say("verify-say-forged")),
        ("@unlisted@", cx.say("verify-say-unlisted")),
        ("@expired@", cx.say("verify-say-expired")),
        ("@good@", cx.say("verify-say-good")),
        ("@step-signature@", cx.say("verify-say-signature")),
        ("@step-lists@", cx.say("verify-say-lists")),
        ("@step-files@", cx.say("verify-say-files")),
        ("@step-time@", cx.say("verify-say-time")),
    ];
    places.iter().fold(COMMANDS.to_owned(), |commands, (place, with)| commands.replace(place, with))
}
