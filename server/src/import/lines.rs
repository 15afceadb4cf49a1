//! A file of lines, read as a stream: no line takes more memory than the bound, however long it is.

use std::io::{self, BufRead};

/// Longest line, in bytes. The longest of the real history has 16 KB.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Most lines of one file.
pub const LINES_MAX: usize = 100_000;

/// A line with its number from 1; the text without its line break, or why there is none.
pub type Line = (usize, Result<String, String>);

/// The lines of a file that are not blank.
pub struct Lines<R> {
    reader: R,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    pub fn new(reader: R) -> Self {
        Lines { reader, number: 0 }
    }

    /// The next line; `None` at the end. A line that is too long is skipped to its end.
    fn read(&mut self) -> io::Result<Option<Result<String, String>>> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                if line.is_empty() && !too_long {
                    return Ok(None);
                }
                break;
            }
            let (taken, ended) = match available.iter().position(|byte| *byte == b'\n') {
                Some(end) => (end, true),
                None => (available.len(), false),
            };
            if line.len() + taken > LINE_BYTES_MAX {
                too_long = true;
                line.clear();
            } else if !too_long {
                line.extend_from_slice(&available[..taken]);
            }
            self.reader.consume(taken + usize::from(ended));
            if ended {
                break;
            }
        }
        if too_long {
            return Ok(Some(Err(format!("is longer than {LINE_BYTES_MAX} bytes; split it"))));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(String::from_utf8(line).map_err(|error| {
            format!("is not UTF-8 (byte {}); save the file as UTF-8", error.utf8_error().valid_up_to() + 1)
        })))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read() {
                Err(error) => return Some(Err(error)),
                Ok(None) => return None,
                Ok(Some(line)) => {
                    self.number += 1;
                    match line {
                        Ok(text) if text.trim().is_empty() => {}
                        line => return Some(Ok((self.number, line))),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_or_not_utf_8_does_not_stop_the_rest() {
        let mut file = b"one\r\n\n".to_vec();
        file.extend(vec![b'x'; LINE_BYTES_MAX + 1]);
        file.extend(b"\n\xff\nfive");
        let lines: Vec<Line> = Lines::new(io::BufReader::new(file.as_slice())).map(Result::unwrap).collect();
        let numbers: Vec<usize> = lines.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 4, 5]);
        assert_eq!((&lines[0].1, &lines[3].1), (&Ok("one".to_owned()), &Ok("five".to_owned())));
        assert!(lines[1].1.as_ref().unwrap_err().contains("longer"));
        assert!(lines[2].1.as_ref().unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn a_line_of_exactly_the_bound_fits() {
        let file = vec![b'x'; LINE_BYTES_MAX];
        let lines: Vec<Line> = Lines::new(file.as_slice()).map(Result::unwrap).collect();
        assert_eq!(lines[0].1.as_ref().map(String::len), Ok(LINE_BYTES_MAX));
    }
}
