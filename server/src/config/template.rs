//! The file that a first run writes. Every setting stands in it, with its default.

/// A commented configuration with the defaults.
pub const TEMPLATE: &str = r#"# Holdfast's configuration. Every setting shows its default. `holdfast check holdfast.toml` checks this file.
# Paths are relative to this file.

# Event log, keys and the socket that only this user may open. Back it up; keep `cluster.key` apart from it.
data = "data"

[page]
# What the page is called and where readers find it, until `holdfast catalog apply` says otherwise.
name = "Status"
url = "http://localhost:8080"
# The zone that times are shown in without script (an IANA name).
time_zone = "Etc/UTC"

[node]
# This node, as pages name it.
name = "node-1"
# The region that it serves from; by default the name.
# region = "eu-frankfurt"

[public]
# Where readers connect. Use "0.0.0.0:443" with the tls setting below, or stay behind a proxy.
listen = "127.0.0.1:8080"
# Certificate files (PEM); read again when they change.
# tls = { certificate = "fullchain.pem", key = "privkey.pem" }
# Proxies whose forwarded headers are believed; nobody else's are.
trusted_proxies = []
# Strict-Transport-Security: only once the page is always served over HTTPS.
hsts = false

[operators]
# Health and metrics, for operators only.
listen = "127.0.0.1:8081"

[console]
# Operators work at /admin. Where regions share a parent domain, name it, so that a session goes on in another region.
# cookie_domain = "status.example.com"

# A provider of OpenID Connect by which operators may sign in too. Whoever it names must be an operator already; every
# other way in stays. The provider must know ADDRESS/admin/oidc/back.
# [console.oidc]
# Exactly as the provider calls itself.
# issuer = "https://id.example.com"
# client_id = "holdfast"
# A file with the client secret alone; without it HOLDFAST_OIDC_CLIENT_SECRET is looked at; neither: a public client.
# client_secret_file = "oidc.secret"
# On the button.
# name = "OpenID Connect"
# The claim that is an operator's sign-in name. "email" counts only when the provider says that it is verified.
# claim = "email"
# This node's own address, where operators come back to; by default the page's url.
# address = "https://eu.status.example.com"
# Certificates (PEM) of the authorities to trust for the provider; by default the built-in ones.
# authorities = "authorities.pem"

[replication]
# Where the other regions' nodes connect (TLS 1.3 on a port of its own, keys on both sides). None: this node stands alone.
# listen = "0.0.0.0:7070"
# Host and port by which they reach it.
# address = "eu.status.example.com:7070"
# With less than this free on the disk their events are not taken in: the rest is kept for what is posted here.
# keep_free_mib = 64

# Each other node. `holdfast node key` prints a node's key; `cluster.key` is the same file on all of them.
# [[peer]]
# name = "node-2"
# region = "ap-guangzhou"
# address = "ap.status.example.com:7070"
# key = "64 hexadecimal digits"
# Where readers find the page there: their browsers turn to it when this address does not answer.
# url = "https://ap.status.example.com"

# Each copy of the page as files elsewhere, and where readers find it.
# [[mirror]]
# name = "bucket"
# url = "https://status-mirror.example.com"

[log]
# "text" or "json", to standard error.
format = "text"
# error, warn, info, debug, trace, or a filter such as "info,server::http=debug".
level = "info"

[freshness]
# Past these ages, in seconds, a page turns amber, and claims nothing any more. At most a day.
amber_seconds = 60
grey_seconds = 300

[snapshot]
# A directory that `holdfast snapshot write` fills; served, marked and read-only, should the data file be damaged.
# directory = "snapshot"
"#;
