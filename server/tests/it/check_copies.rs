//! `holdfast check` tries the place of every copy: what it says where it can be written, and what where it cannot.

use crate::process::{CONFIG, prepared, program, refused, said};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
};

/// Also the Base64 of something, as an account key is.
const SECRET: &str = "b3Blbi1zZXNhbWUtb3Blbg==";

fn configure(place: &Path, rest: &str) {
    std::fs::write(place.join("holdfast.toml"), format!("{CONFIG}{rest}")).expect("a configuration");
}

fn mirror(target: &str, options: &str) -> String {
    format!("[[mirror]]\nname = \"copy\"\ntarget = \"{target}\"\n[mirror.options]\n{options}")
}

/// What is told where there is one thing wrong.
fn wrong(place: &Path) -> String {
    let (code, answer) = refused(place, &["check", "holdfast.toml"]);
    assert_eq!(code, 1, "{answer}");
    assert!(!answer.contains(SECRET), "what opens a place is never shown: {answer}");
    answer
}

/// A storage that answers every request with these lines.
fn answering(status: &'static str, body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut head = BufReader::new(stream.try_clone().expect("the same")).lines();
            while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let length = body.len();
            // Who asks may have gone.
            let _answered =
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    format!("http://{address}")
}

#[test]
fn a_directory_is_tried_and_left_as_it_was() {
    let directory = prepared();
    let place = directory.path();
    let copy = place.join("copies/web");
    configure(
        place,
        &format!("[snapshot]\ndirectory = \"own\"\n{}", mirror(&format!("file://{}", copy.display()), "")),
    );
    let found = said(place, &["check", "holdfast.toml"]);
    assert!(found.contains("copy `snapshot`: ") && found.contains("own will be made by the first update"), "{found}");
    assert!(found.contains(&format!("copy `copy`: {} will be made by the first update", copy.display())), "{found}");
    assert!(!copy.exists() && !place.join("own").exists(), "nothing is made");

    std::fs::create_dir_all(&copy).expect("a directory");
    let found = said(place, &["check", "holdfast.toml"]);
    assert!(found.contains("web can be written; nothing stands there yet"), "{found}");
    assert_eq!(std::fs::read_dir(&copy).expect("a directory").count(), 0);

    std::fs::write(copy.join("letter.txt"), "somebody else's").expect("a file");
    let answer = wrong(place);
    assert!(answer.contains("mirror[0].target: ") && answer.contains("holds `letter.txt`"), "{answer}");
    assert!(answer.contains("; a directory for this copy alone"), "{answer}");

    std::fs::remove_dir_all(&copy).expect("gone");
    std::fs::write(&copy, "no directory").expect("a file");
    let answer = wrong(place);
    assert!(answer.contains(&format!("{} is no directory; a directory", copy.display())), "{answer}");
}

#[test]
fn what_keeps_a_bucket_shut_is_told_with_what_would_open_it() {
    let directory = prepared();
    let place = directory.path();
    let refusing = answering("403 Forbidden", format!("<Error><Code>AccessDenied</Code>{SECRET}</Error>"));
    let missing = answering("404 Not Found", "<Error><Code>NoSuchBucket</Code></Error>".to_owned());
    let keys = format!("access_key_id = \"operator\"\nsecret_access_key = \"{SECRET}\"\nallow_http = true\n");
    let nobody = "endpoint = \"http://127.0.0.1:1\"\n";
    let cases = [
        (
            "s3://bucket",
            format!("{keys}endpoint = \"{refusing}\"\n"),
            ["reading `manifest` in s3://bucket: ", "AccessDenied", "; what opens it may have to get, put and delete"],
        ),
        (
            "s3://bucket/page",
            format!("{keys}endpoint = \"{missing}\"\n"),
            ["writing `.holdfast-check` in s3://bucket/page: ", "NoSuchBucket", "; a bucket of this name"],
        ),
        (
            "s3://bucket",
            format!("{keys}{nobody}"),
            ["reading `manifest` in s3://bucket: ", "127.0.0.1:1", "; an `endpoint` and a `region` that fit"],
        ),
        (
            "s3://bucket",
            format!("{nobody}allow_http = true\nmetadata_endpoint = \"http://127.0.0.1:1\"\n"),
            [
                "reading `manifest` in s3://bucket: ",
                "",
                "; `access_key_id` and `secret_access_key` in [mirror.options]",
            ],
        ),
        (
            "az://container",
            format!(
                "account_name = \"us\"\naccount_key = \"{SECRET}\"\nallow_http = true\nendpoint = \"{refusing}\"\n"
            ),
            [
                "reading `manifest` in az://container: ",
                "AccessDenied",
                "; what opens it may have to get, put and delete",
            ],
        ),
        (
            "az://container",
            String::new(),
            ["az://container: ", "Account must be specified", "; options that its storage takes"],
        ),
    ];
    for (target, options, words) in cases {
        configure(place, &mirror(target, &options));
        let answer = wrong(place);
        for word in words {
            assert!(answer.contains("mirror[0].target: ") && answer.contains(word), "{word} in {answer}");
        }
    }
}

#[test]
fn what_opens_a_bucket_is_not_shown_wherever_it_was_given() {
    let directory = prepared();
    let place = directory.path();
    let refusing = answering("403 Forbidden", format!("<Error><Code>AccessDenied</Code>{SECRET}</Error>"));
    configure(place, &mirror("s3://bucket", &format!("allow_http = true\nendpoint = \"{refusing}\"\n")));
    let mut command = program(place, &["check", "holdfast.toml"]);
    command.env("AWS_ACCESS_KEY_ID", "operator").env("AWS_SECRET_ACCESS_KEY", SECRET);
    let output = command.output().expect("the program");
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("AccessDenied") && told.contains("(not shown)"), "{told}");
    assert!(!told.contains(SECRET), "{told}");
}
