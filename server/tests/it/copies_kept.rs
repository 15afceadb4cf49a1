//! What a node does with the copies that it keeps when the world is not as it left it: the copy went back, was damaged, was
//! another node's, or holds what the node itself has lost.

use crate::node::{TestNode, author};
use domain::{board::Touched, change::IncidentOpened, change::UpdatePosted, command::Command, id::NodeKey, status::*};
use server::snapshot::{
    self, Scope, Source, Update, Writer,
    publisher::{
        Done, Obstacle, Wanted, Work,
        site::{Place, SiteWork},
    },
    sealed_log::SealedLog,
    target::Directory,
    verify::{Expected, GOOD, verify},
};
use std::{fs, path::Path, process::Command as Program};

const NOW: &str = "2024-04-08T16:06:00+08:00";

async fn open(test: &TestNode, id: &str, title: &str) {
    let first = UpdatePosted {
        at: test.node.clock().now(),
        status: Some(Status::Investigating),
        text: "We look.".into(),
        scope: Vec::new(),
        impact: None,
        expected_recovery: None,
        next_update_at: None,
        root_cause: None,
        id: None,
    };
    let opened = IncidentOpened {
        title: title.into(),
        impact: Impact::Minor,
        schedule: None,
        kind: Kind::Incident,
        first,
        source: None,
    };
    let command = Command::Open { id: id.parse().expect("an id"), opened };
    test.node.publish(command, author("test")).await.expect("published");
}

/// A copy in a directory.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn new() -> Copy {
        Copy { folder: tempfile::tempdir().expect("a directory") }
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn keeper(&self, test: &TestNode) -> Keeper {
        let place = Place::Directory(self.root().to_owned());
        Keeper(Some(SiteWork::new(test.node.clone(), place, String::new(), true).expect("a runtime")))
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_default()
    }

    async fn code(&self, test: &TestNode, by: &[NodeKey]) -> u8 {
        let expected = Expected { keys: Some(by.to_vec()), after: None };
        verify(&Directory::reader(self.root()), &expected, test.node.clock().now()).await.expect("read").code()
    }
}

/// A node's work, which wants a thread of its own.
struct Keeper(Option<SiteWork>);

impl Keeper {
    async fn update(&mut self, touched: Option<Touched>, takes_over: bool) -> Result<Done, Obstacle> {
        let mut work = self.0.take().expect("at rest");
        let wanted = Wanted { touched, takes_over };
        let (work, result) = tokio::task::spawn_blocking(move || {
            let result = work.update(&wanted);
            (work, result)
        })
        .await
        .expect("no panic");
        self.0 = Some(work);
        result
    }
}

impl Drop for Keeper {
    /// Its runtime may not end among others' tasks.
    fn drop(&mut self) {
        let work = self.0.take();
        std::thread::spawn(move || drop(work)).join().expect("ended");
    }
}

fn key(test: &TestNode) -> NodeKey {
    test.node.store().identity().node_key()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_keeps_what_only_the_former_writer_had() {
    let (one, other, copy) = (TestNode::number(1, NOW), TestNode::number(2, NOW), Copy::new());
    open(&one, "aaaaaaaaaaaa", "Known to one alone").await;
    copy.keeper(&one).update(None, false).await.expect("written");
    drop(one);
    let mut keeper = copy.keeper(&other);
    assert!(matches!(keeper.update(None, false).await, Err(Obstacle::WrittenBy(_))));
    assert_eq!(other.node.board().version.total(), 0, "what is another's is not touched");
    keeper.update(None, true).await.expect("taken");
    assert_eq!(other.node.board().version.total(), 1);
    assert!(copy.text("index.html").contains("Known to one alone"));
    assert_eq!(copy.code(&other, &[key(&other)]).await, GOOD);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_went_back_is_written_anew() {
    let (test, copy, before) = (TestNode::at(NOW), Copy::new(), tempfile::tempdir().expect("a directory"));
    let mut keeper = copy.keeper(&test);
    open(&test, "aaaaaaaaaaaa", "The first").await;
    keeper.update(None, false).await.expect("written");
    let copied = |from: &Path, to: &Path| {
        let done = Program::new("cp").arg("-a").arg(from.join(".")).arg(to).status().expect("cp");
        assert!(done.success());
    };
    copied(copy.root(), before.path());
    open(&test, "bbbbbbbbbbbb", "The second").await;
    keeper.update(None, false).await.expect("written");
    assert!(copy.text("history.atom").contains("The second"));
    // Whoever keeps the disk brings back yesterday's.
    fs::remove_dir_all(copy.root()).expect("removed");
    fs::create_dir(copy.root()).expect("a directory");
    copied(before.path(), copy.root());
    assert!(!copy.text("history.atom").contains("The second"));
    keeper.update(Some(Touched::default()), false).await.expect("written");
    for path in ["index.html", "history.atom", "incidents/bbbbbbbbbbbb/index.html"] {
        assert!(copy.text(path).contains("The second"), "{path}");
    }
    assert_eq!(copy.code(&test, &[key(&test)]).await, GOOD);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_loss_of_power_may_leave_is_mended() {
    let (test, copy) = (TestNode::at(NOW), Copy::new());
    open(&test, "aaaaaaaaaaaa", "The first").await;
    copy.keeper(&test).update(None, false).await.expect("written");
    let page = "incidents/aaaaaaaaaaaa/index.html";
    let length = copy.text(page).len();
    fs::write(copy.root().join(page), vec![0; length]).expect("as long, and nothing");
    for manifest in ["manifest", "manifest.next"] {
        fs::write(copy.root().join(manifest), []).expect("emptied");
        snapshot::write(test.node.clone(), copy.root().to_owned(), true).await.expect("written");
        assert_eq!(copy.code(&test, &[key(&test)]).await, GOOD, "{manifest}");
        assert!(copy.text(page).contains("The first"), "{manifest}");
    }
}

/// The copy of `owner` as `poster` leaves it that posts with no node alive.
async fn posted(copy: &Copy, owner: &TestNode, poster: &TestNode) {
    let (node, board, stamp) = (&poster.node, poster.node.board(), poster.node.stamp());
    let log = SealedLog::of(node).expect("a log");
    let source = Source::of(node, &board, &stamp, String::new()).with(&log, None);
    let directory = Directory::writer(copy.root()).expect("free");
    let update = Update {
        target: &directory,
        staging: &copy.root().join(snapshot::STAGING),
        source: &source,
        writer: Writer { owner: key(owner), ..Writer::of(node) },
        scope: Scope::Everything,
        now: node.clock().now(),
        threads: 1,
        left: Vec::new(),
        distrusts: false,
    };
    update.run().await.expect("posted");
    assert!(copy.text("index.html").contains("Posted by hand"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_by_hand_takes_a_post_of_the_last_resort_in() {
    // With the key of another node, or with that of the very node: then as many events of it are on both sides.
    for number in [2, 1] {
        let (one, poster, copy) = (TestNode::number(1, NOW), TestNode::number(number, NOW), Copy::new());
        open(&one, "aaaaaaaaaaaa", "The first").await;
        snapshot::write(one.node.clone(), copy.root().to_owned(), true).await.expect("written");
        poster.pull(&one).await;
        // The last that it took before it went never reached the copy.
        open(&one, "cccccccccccc", "Not on the copy").await;
        open(&poster, "bbbbbbbbbbbb", "Posted by hand").await;
        posted(&copy, &one, &poster).await;
        snapshot::write(one.node.clone(), copy.root().to_owned(), true).await.expect("written");
        assert_eq!(one.node.board().version.total(), 3, "{number}: it was taken in");
        for title in ["Posted by hand", "Not on the copy"] {
            assert!(copy.text("index.html").contains(title), "{number}: {title}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_an_unfinished_update_or_a_damaged_copy_holds_is_taken_in() {
    for damage in ["manifest that was not put", "manifest that is none"] {
        let (one, poster, copy) = (TestNode::number(1, NOW), TestNode::number(2, NOW), Copy::new());
        open(&one, "aaaaaaaaaaaa", "The first").await;
        snapshot::write(one.node.clone(), copy.root().to_owned(), true).await.expect("written");
        let before = fs::read(copy.root().join("manifest")).expect("a manifest");
        poster.pull(&one).await;
        open(&poster, "bbbbbbbbbbbb", "Posted by hand").await;
        posted(&copy, &one, &poster).await;
        if damage == "manifest that is none" {
            fs::write(copy.root().join("manifest"), "nothing").expect("written");
        } else {
            fs::rename(copy.root().join("manifest"), copy.root().join("manifest.next")).expect("moved");
            fs::write(copy.root().join("manifest"), before).expect("written");
        }
        snapshot::write(one.node.clone(), copy.root().to_owned(), true).await.expect("written");
        assert_eq!(one.node.board().version.total(), 2, "{damage}: it was taken in");
        assert_eq!(copy.code(&one, &[key(&one)]).await, GOOD, "{damage}");
    }
}
