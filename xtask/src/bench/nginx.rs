//! nginx as the yardstick: the same bytes with the same headers, from a file, as fast as it can.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

use super::http_client::Answer;
use super::{debian, ports};

/// Headers that each server writes itself. The content type and the length are nginx's own too, with our values.
const OWN: [&str; 7] =
    ["connection", "content-length", "content-type", "date", "keep-alive", "server", "transfer-encoding"];

/// A running nginx that serves one page.
pub struct Nginx {
    process: Child,
    pub address: SocketAddr,
}

impl Nginx {
    /// Serves `page` under `/`.
    ///
    /// # Errors
    /// When nginx is missing and cannot be installed, or does not start.
    pub fn serving(page: &Answer, folder: &Path) -> anyhow::Result<Self> {
        debian::ensure_installed("nginx", "nginx")?;
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("site"))?;
        fs::write(folder.join("site").join("page"), &page.body)?;
        let address = ports::free()?;
        fs::write(folder.join("nginx.conf"), configuration(page, address, folder)?)?;
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "stderr"]).stdin(Stdio::null());
        let process = command.spawn().context("cannot start nginx")?;
        let nginx = Nginx { process, address };
        ports::wait_for(address)?;
        Ok(nginx)
    }

    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it on SIGTERM; SIGKILL would leave them behind.
        let _status = Command::new("kill").arg(self.process.id().to_string()).status();
        let _status = self.process.wait();
    }
}

fn configuration(page: &Answer, address: SocketAddr, folder: &Path) -> anyhow::Result<String> {
    let mut headers = String::new();
    for (name, value) in page.headers.iter().filter(|(name, _)| !OWN.contains(&name.to_ascii_lowercase().as_str())) {
        let value = quoted(value)?;
        // Writing to a string does not fail.
        let _written = writeln!(headers, "        add_header {name} {value} always;");
    }
    if page.header("last-modified").is_none() {
        headers.push_str("        add_header Last-Modified \"\";\n");
    }
    let content_type = quoted(page.header("content-type").context("the page has no Content-Type")?)?;
    let folder = folder.display();
    // As root, nginx would give its workers to a user who may not read the build's folder.
    let user = if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
        "user root;"
    } else {
        ""
    };
    Ok(format!(
        "daemon off;\n{user}\nworker_processes 2;\npid {folder}/nginx.pid;\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n    access_log off;\n    sendfile on;\n    tcp_nopush on;\n    server_tokens off;\n    etag off;\n\
         \x20   open_file_cache max=100 inactive=600s;\n    open_file_cache_valid 600s;\n\
         \x20   keepalive_requests 100000000;\n    types {{ }}\n    default_type {content_type};\n\
         \x20   server {{\n      listen {address};\n      root {folder}/site;\n\
         \x20     location = / {{\n{headers}        try_files /page =404;\n      }}\n    }}\n}}\n"
    ))
}

/// A value as nginx reads it back. It would put a variable where a `$` stands, and there is no way to escape one.
fn quoted(value: &str) -> anyhow::Result<String> {
    ensure!(!value.contains('$'), "nginx cannot send the header value {value:?}");
    Ok(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_headers_are_sent_and_those_of_the_connection_are_left_to_nginx() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "text/html; charset=utf-8"),
            header("etag", "\"abc\""),
            header("date", "Mon, 08 Apr 2024 08:05:00 GMT"),
            header("content-security-policy", "default-src 'none'"),
        ];
        let page = Answer { status: 200, headers, body: Vec::new() };
        let text = configuration(&page, "127.0.0.1:1".parse().expect("an address"), Path::new("/x")).expect("a text");
        assert!(text.contains("add_header etag \"\\\"abc\\\"\" always;"), "{text}");
        assert!(text.contains("add_header content-security-policy \"default-src 'none'\" always;"), "{text}");
        assert!(text.contains("default_type \"text/html; charset=utf-8\";"), "{text}");
        assert!(!text.contains("add_header date"), "{text}");
        assert!(quoted("$host").is_err());
    }
}
