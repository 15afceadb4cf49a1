//! Hosts as network namespaces, each on a port of a bridge in a further one. Needs a mount namespace of the test's own
//! (see [`crate::hosts`]): the names are private to it, and the system removes everything with its last process.

use crate::relay::Relay;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{fs::File, net::SocketAddr, os::fd::AsFd, process::Command, time::Duration};
use tokio::sync::oneshot;

const MIDDLE: &str = "middle";
/// One way, on the link that goes through the relay.
const DELAY: Duration = Duration::from_millis(50);
pub const PEERS_PORT: u16 = 7070;

/// The address on which host `number` is reached by the others.
pub fn address(number: usize) -> SocketAddr {
    SocketAddr::from(([10, 80, 0, 10 + u8::try_from(number).expect("few hosts")], PEERS_PORT))
}

/// Where the relay takes connections to host `number`.
pub fn relayed(number: usize) -> SocketAddr {
    SocketAddr::from(([10, 80, 0, 1], PEERS_PORT + u16::try_from(number).expect("few hosts")))
}

fn ip(arguments: &str) {
    let output = Command::new("ip").args(arguments.split(' ')).output().expect("ip");
    assert!(output.status.success(), "ip {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn namespace(name: &str) -> File {
    File::open(format!("/run/netns/{name}")).expect("a namespace")
}

/// Moves this thread, and what it starts, to host `number`.
pub fn enter(number: usize) {
    move_to(&format!("host{number}"));
}

fn move_to(name: &str) {
    move_into_link_name_space(namespace(name).as_fd(), Some(LinkNameSpaceType::Network)).expect("another namespace");
}

/// Does `work` on host `number`: a process that it starts and a connection that it opens stay there.
pub fn on_host<T: Send>(number: usize, work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            enter(number);
            work()
        });
        there.join().expect("it is done")
    })
}

/// The cable of host `number` is pulled: its packets go nowhere, and nobody is told.
pub fn cut(number: usize) {
    ip(&format!("-n {MIDDLE} link set port{number} down"));
}

pub fn heal(number: usize) {
    ip(&format!("-n {MIDDLE} link set port{number} up"));
}

/// `count` hosts that reach one another.
pub fn lay(count: usize) {
    ip(&format!("netns add {MIDDLE}"));
    ip(&format!("-n {MIDDLE} link set lo up"));
    ip(&format!("-n {MIDDLE} link add bridge0 type bridge"));
    ip(&format!("-n {MIDDLE} address add 10.80.0.1/24 dev bridge0"));
    ip(&format!("-n {MIDDLE} link set bridge0 up"));
    for number in 0..count {
        let host = format!("host{number}");
        ip(&format!("netns add {host}"));
        ip(&format!("-n {MIDDLE} link add port{number} type veth peer name eth0 netns {host}"));
        ip(&format!("-n {MIDDLE} link set port{number} master bridge0 up"));
        ip(&format!("-n {host} address add {}/24 dev eth0", address(number).ip()));
        ip(&format!("-n {host} link set eth0 up"));
        ip(&format!("-n {host} link set lo up"));
    }
}

/// The long way between two hosts, until it is dropped.
pub struct LongWay {
    _until: oneshot::Sender<()>,
}

/// Relays both hosts' connections to each other, in the middle.
pub fn long_way(hosts: [usize; 2]) -> LongWay {
    let (until, dropped) = oneshot::channel::<()>();
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        move_to(MIDDLE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let [one, other] = hosts.map(|host| Relay::start_on(relayed(host), address(host), DELAY));
            let _relays = tokio::try_join!(one, other).expect("two relays");
            ready.send(()).expect("the test waits");
            let _dropped = dropped.await;
        });
    });
    is_ready.recv().expect("the relays are ready");
    LongWay { _until: until }
}
