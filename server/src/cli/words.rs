//! `--text`, or `--text-file` with `-` for standard input.

use super::failure::Failure;
use clap::Args;
use std::{
    io::{self, Read},
    path::PathBuf,
};

/// Longest text file that is read, in bytes; what the domain takes is less.
const FILE_BYTES_MAX: u64 = 128 * 1024;

/// A text, given or read.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Words {
    /// Markdown.
    #[arg(long)]
    pub text: Option<String>,
    /// Read the text from a file; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub text_file: Option<PathBuf>,
}

impl Words {
    /// The text.
    pub fn read(&self) -> Result<String, Failure> {
        let Some(path) = &self.text_file else { return Ok(self.text.clone().unwrap_or_default()) };
        let failed = |error: io::Error| {
            Failure::refused("text", format!("{}: {error}", path.display()), "a readable file of UTF-8 text")
        };
        let input: Box<dyn Read> = match path.as_os_str() == "-" {
            true => Box::new(io::stdin()),
            false => Box::new(std::fs::File::open(path).map_err(failed)?),
        };
        let mut text = String::new();
        input.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
        Ok(text.trim_end().to_owned())
    }
}
