//! Nodes that an administrator trusts or removes, against the trust that there is.

use super::{Planned, Refusal};
use crate::{
    change::{Change, NodeRemoved, NodeTrusted},
    id::*,
    text,
    trust::{Member, Trust},
};

/// Longest address of a node, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 260;

/// The events that trust `members`; none for those that are trusted already as said.
///
/// # Errors
/// Everything that is wrong with them.
pub fn trust(trust: &Trust, members: &[Member]) -> Result<Vec<Planned>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut planned = Vec::new();
    for member in members {
        if trust.removed().any(|(key, _)| *key == member.key) {
            let what = format!("`{}` was removed, and nothing takes that back", member.key);
            let right = "give that node a new key: `holdfast node rotate` while it is trusted, else move its file \
                         `node.key` away and start it";
            refusals.push(Refusal::new("key", what, right));
        }
        let texts = [("name", &member.name), ("region", &member.region)];
        for (field, name) in texts.into_iter().filter(|(field, name)| *field == "name" || !name.is_empty()) {
            if let Err(error) = text::check_name(&name.as_str().into()) {
                refusals.push(Refusal::new(field, error.to_string(), "a short name, as pages show it"));
            }
        }
        if !is_address(&member.address) {
            let what = format!("`{}` is no host and port", member.address.chars().take(80).collect::<String>());
            refusals.push(Refusal::new("address", what, "such as `eu.status.example.com:8443`, or nothing"));
        }
        if trust.known(&member.key) != Some(member) {
            let said = NodeTrusted {
                key: member.key,
                name: member.name.clone(),
                region: member.region.clone(),
                address: member.address.clone(),
            };
            planned.push((Subject::Node(NodeId::of_key(&member.key)), Change::NodeTrusted(said)));
        }
    }
    if refusals.is_empty() { Ok(planned) } else { Err(refusals) }
}

/// The event that removes `key`. Up to the clock value `up_to` what it signed counts on; `None` when nothing of it is
/// here.
///
/// # Errors
/// This node itself, and one that is removed already as far.
pub fn remove(trust: &Trust, own: NodeKey, key: NodeKey, up_to: Option<Hlc>) -> Result<Vec<Planned>, Vec<Refusal>> {
    let up_to = up_to.unwrap_or(Hlc(0));
    let refusal = match trust.removed().find(|(removed, _)| **removed == key) {
        _ if key == own => Some(Refusal::new(
            "key",
            "is this node's own",
            "`holdfast node rotate` for a new key, or remove this node on another one",
        )),
        Some((_, earlier)) if earlier <= up_to => {
            Some(Refusal::new("key", format!("`{key}` is removed already"), "nothing to do"))
        }
        None if trust.known(&key).is_none() => {
            Some(Refusal::new("key", format!("`{key}` is not trusted"), "a key that `holdfast node list` shows"))
        }
        _ => None,
    };
    match refusal {
        Some(refusal) => Err(vec![refusal]),
        None => Ok(vec![(Subject::Node(NodeId::of_key(&key)), Change::NodeRemoved(NodeRemoved { key, up_to }))]),
    }
}

/// `host:port`, or nothing.
fn is_address(text: &str) -> bool {
    let parts = text.rsplit_once(':');
    let well_formed = parts.is_some_and(|(host, port)| {
        let of_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        !host.is_empty() && host.bytes().all(of_host) && port.parse::<u16>().is_ok_and(|port| port != 0)
    });
    text.is_empty() || (text.len() <= ADDRESS_BYTES_MAX && well_formed)
}
