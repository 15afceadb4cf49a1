//! As much of HTTP/1.1 as the measurements need: one kept connection, one request at a time.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};

/// Until an answer must be there; longer means that the run is broken.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The largest body that is read.
const BODY_BYTES_MAX: usize = 64 << 20;

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names as they were sent, in order.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// # Errors
    /// When the status is another, with what the body says.
    pub fn expect(self, status: u16) -> anyhow::Result<Answer> {
        if self.status != status {
            let shown: String = String::from_utf8_lossy(&self.body).chars().take(400).collect();
            bail!("answered {} instead of {status}: {shown}", self.status);
        }
        Ok(self)
    }
}

/// A kept connection.
pub struct Connection<S> {
    stream: BufReader<S>,
}

impl Connection<TcpStream> {
    /// # Errors
    /// When nobody listens.
    pub fn tcp(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Connection { stream: BufReader::new(stream) })
    }
}

impl Connection<UnixStream> {
    /// # Errors
    /// When nobody listens.
    pub fn unix(path: &Path) -> anyhow::Result<Self> {
        let stream = UnixStream::connect(path).with_context(|| format!("cannot connect to {}", path.display()))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Connection { stream: BufReader::new(stream) })
    }
}

impl<S: Read + Write> Connection<S> {
    /// # Errors
    /// When the connection fails or what comes is not HTTP.
    pub fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> anyhow::Result<Answer> {
        self.send("GET", path, headers, &[]).with_context(|| format!("GET {path}"))
    }

    /// # Errors
    /// When the connection fails or what comes is not HTTP.
    pub fn post(&mut self, path: &str, json: &serde_json::Value) -> anyhow::Result<Answer> {
        let body = json.to_string().into_bytes();
        self.send("POST", path, &[("Content-Type", "application/json")], &body).with_context(|| format!("POST {path}"))
    }

    fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Answer> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        let mut request = request.into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        read(&mut self.stream)
    }
}

/// Reads the head: the status and the headers.
///
/// # Errors
/// When what comes is not HTTP.
pub fn read_head(stream: &mut impl BufRead) -> anyhow::Result<(u16, Vec<(String, String)>)> {
    let first = line(stream)?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("{first:?} is not an HTTP answer"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            return Ok((status, headers));
        }
        let (name, value) = line.split_once(':').with_context(|| format!("{line:?} is not a header"))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read(stream: &mut impl BufRead) -> anyhow::Result<Answer> {
    let (status, headers) = read_head(stream)?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    if status == 304 || status == 204 {
        return Ok(answer);
    }
    if answer.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        loop {
            let size = line(stream)?;
            let size = usize::from_str_radix(&size, 16).with_context(|| format!("{size:?} is not a chunk's size"))?;
            append(stream, &mut answer.body, size)?;
            line(stream)?;
            if size == 0 {
                return Ok(answer);
            }
        }
    }
    let length = answer.header("content-length").context("neither Content-Length nor chunks")?;
    let length = length.parse().with_context(|| format!("Content-Length: {length:?}"))?;
    append(stream, &mut answer.body, length)?;
    Ok(answer)
}

fn append(stream: &mut impl BufRead, body: &mut Vec<u8>, count: usize) -> anyhow::Result<()> {
    let begin = body.len();
    ensure!(begin.saturating_add(count) <= BODY_BYTES_MAX, "a body of more than {BODY_BYTES_MAX} bytes");
    body.resize(begin + count, 0);
    stream.read_exact(&mut body[begin..])?;
    Ok(())
}

fn line(stream: &mut impl BufRead) -> anyhow::Result<String> {
    let mut line = String::new();
    ensure!(stream.read_line(&mut line)? > 0, "the connection was closed");
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_tell_a_bodys_length_are_read() {
        for wire in [
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 5\r\n\r\nhellonext",
            "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\nnext",
        ] {
            let mut stream = wire.as_bytes();
            let answer = read(&mut stream).expect(wire);
            assert_eq!((answer.status, answer.header("etag"), &answer.body[..]), (200, Some("\"a\""), &b"hello"[..]));
            assert_eq!(stream, b"next");
        }
        assert!(read(&mut "SSH-2.0\r\n".as_bytes()).is_err());
    }
}
