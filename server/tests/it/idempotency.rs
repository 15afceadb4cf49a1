//! A request with an idempotency key is done once: sent many times at once, by a client that leaves before its answer,
//! and across a process that dies between the commit and the answer.

use crate::node::{TestNode, in_directory};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request},
};
use domain::{
    change::{Author, OperatorSet},
    operator::Role,
};
use serde_json::{Value, json};
use server::{api, publish::Node};
use std::{
    process::Command,
    sync::{Arc, Mutex, mpsc},
};
use tower::ServiceExt;

const NOW: &str = "2024-04-08T16:00:00+08:00";
const KEY: &str = "deploy-17";

/// Status, whether it was given before, and the body.
type Answer = (u16, bool, Value);

async fn send(router: Router, path: &str, body: &Value) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1{path}"))
        .header("content-type", "application/json")
        .header("idempotency-key", KEY)
        .body(Body::from(body.to_string()))
        .expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    let (status, replayed) = (response.status().as_u16(), response.headers().contains_key("idempotency-replayed"));
    let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    (status, replayed, serde_json::from_slice(&bytes).expect("JSON"))
}

fn opening() -> Value {
    json!({"title": "API fails", "impact": "major", "text": "Broken."})
}

fn incidents(node: &Node) -> Vec<String> {
    node.board().all_newest().map(|summary| summary.id.to_string()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_is_done_and_all_get_its_answer() {
    let test = TestNode::at(NOW);
    let router = api::trusted_router(Arc::clone(&test.node));
    let sent: Vec<_> = (0..32)
        .map(|_| {
            let router = router.clone();
            tokio::spawn(async move { send(router, "/incidents", &opening()).await })
        })
        .collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.expect("an answer"));
    }
    assert_eq!(answers.iter().filter(|(_, replayed, _)| !replayed).count(), 1);
    assert!(answers.iter().all(|(status, _, body)| (*status, body) == (201, &answers[0].2)), "{answers:?}");
    assert_eq!(incidents(&test.node), [answers[0].2["incident"].as_str().expect("an id")]);
    assert_eq!(test.node.board().version.total(), 1);
}

/// Holds the writer where the events are committed and the answer is not given yet.
fn held_after_commit(node: &Node) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let (committed, is_committed) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    node.listen(Box::new(move |_, _| {
        // Both fail once the test lets go of its ends: then nothing is held any more.
        if committed.send(()).is_ok() {
            let _released = released.lock().expect("one writer").recv();
        }
    }));
    (is_committed, release)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_leaves_before_its_answer_finds_it_when_it_comes_back() {
    let test = TestNode::at(NOW);
    let router = api::trusted_router(Arc::clone(&test.node));
    let (is_committed, release) = held_after_commit(&test.node);
    let sent = |router: Router| tokio::spawn(async move { send(router, "/incidents", &opening()).await });
    let first = sent(router.clone());
    tokio::task::spawn_blocking(move || is_committed.recv().expect("committed")).await.expect("committed");
    first.abort();
    assert!(first.await.expect_err("it left").is_cancelled());
    let back = sent(router.clone());
    drop(release);
    let (status, replayed, body) = back.await.expect("an answer");
    assert_eq!((status, replayed), (201, true), "{body}");
    let id = body["incident"].as_str().expect("an id");
    assert_eq!(incidents(&test.node), [id]);
    assert!(body["page"].as_str().is_some_and(|page| page.ends_with(&format!("/incidents/{id}"))), "{body}");
    let held = test.node.incident(id.parse().expect("an id")).await.expect("read").expect("held");
    assert_eq!(body["update"], held.updates[0].id.to_string());
    assert_eq!(body["events"], json!([held.updates[0].event.to_string()]));
    assert_eq!(send(router.clone(), "/incidents", &opening()).await, (201, true, body), "and again");
    let other = json!({"title": "Another", "impact": "major", "text": "Broken."});
    let (status, _, body) = send(router, "/incidents", &other).await;
    assert_eq!((status, body["errors"][0]["field"].as_str()), (422, Some("Idempotency-Key")));
}

#[tokio::test]
async fn a_token_is_created_once_and_its_secret_is_not_kept() {
    let test = TestNode::at(NOW);
    let router = api::trusted_router(Arc::clone(&test.node));
    let (status, _, created) = send(router.clone(), "/tokens", &json!({"name": "pipeline"})).await;
    assert_eq!(status, 201, "{created}");
    let (status, _, again) = send(router, "/tokens", &json!({"name": "pipeline"})).await;
    assert_eq!(status, 409, "{again}");
    assert!(again["detail"].as_str().is_some_and(|detail| detail.contains("new idempotency key")), "{again}");
    assert_eq!(test.node.board().tokens.len(), 1);
}

#[test]
fn a_process_that_dies_between_the_commit_and_the_answer_does_not_do_it_again() {
    const DIRECTORY: &str = "HOLDFAST_TEST_DYING_DIRECTORY";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        // The process that dies: its writer is ended where the events are durable and nothing else is.
        let (node, _) = in_directory(directory.as_ref(), NOW);
        node.listen(Box::new(|_, _| std::process::abort()));
        runtime.block_on(send(api::trusted_router(node), "/incidents", &opening()));
        unreachable!("it is dead");
    }
    let directory = tempfile::tempdir().expect("a directory");
    let name = "idempotency::a_process_that_dies_between_the_commit_and_the_answer_does_not_do_it_again";
    let child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name])
        .env(DIRECTORY, directory.path())
        .output()
        .expect("the child");
    let ended_by = std::os::unix::process::ExitStatusExt::signal(&child.status);
    assert_eq!(ended_by, Some(6), "it ended by itself: {}", String::from_utf8_lossy(&child.stdout));

    let (node, _) = in_directory(directory.path(), NOW);
    let committed = incidents(&node);
    assert_eq!(committed.len(), 1, "the events were durable");
    let (status, replayed, body) =
        runtime.block_on(send(api::trusted_router(Arc::clone(&node)), "/incidents", &opening()));
    assert_eq!((status, replayed, body["incident"].as_str()), (201, true, Some(committed[0].as_str())), "{body}");
    assert_eq!(incidents(&node), committed);
    assert_eq!(node.board().version.total(), 1);
}

#[tokio::test]
async fn codes_and_invitations_are_made_once_and_not_kept() {
    let codes = json!({"label": "safe", "count": 2});
    let operator = json!({"login": "wei", "name": "Wei", "role": "poster"});
    for (path, body) in [("/break-glass", codes), ("/operators", operator)] {
        let test = TestNode::at(NOW);
        let router = api::trusted_router(Arc::clone(&test.node));
        let (status, _, _) = send(router.clone(), path, &body).await;
        assert_eq!(status, 201, "{path}");
        let events = test.node.board().version.total();
        let (status, _, again) = send(router, path, &body).await;
        assert_eq!(status, 409, "{path}: {again}");
        assert!(again["detail"].as_str().expect("a detail").contains("only once"), "{again}");
        assert_eq!(test.node.board().version.total(), events, "{path}: nothing is done twice");
    }
}

#[tokio::test]
async fn an_operator_is_invited_anew_once() {
    let test = TestNode::at(NOW);
    let router = api::trusted_router(Arc::clone(&test.node));
    let set = OperatorSet { login: "wei".to_owned(), name: "Wei".to_owned(), role: Role::Poster, active: true };
    let author = Author { name: "root".to_owned(), way: "cli".to_owned() };
    server::access::operators::add(&test.node, set, author, None).await.expect("added");
    let (status, _, _) = send(router.clone(), "/operators/wei/invite", &json!({})).await;
    assert_eq!(status, 201);
    let events = test.node.board().version.total();
    let (status, _, again) = send(router, "/operators/wei/invite", &json!({})).await;
    assert_eq!((status, test.node.board().version.total()), (409, events), "{again}");
}
