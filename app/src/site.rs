//! What a page needs to know of where it is served: the same for every page of a node or a snapshot.

/// Addresses of the browser's files, hashed; each `None` in a build without the browser bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    pub style: Option<String>,
    /// What only the console needs.
    pub console_style: Option<String>,
    /// The boot module, the wasm-bindgen glue and the WebAssembly itself.
    pub boot: Option<String>,
    pub glue: Option<String>,
    pub wasm: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    pub files: Files,
    /// Put before every path of a link: empty, or a bucket's prefix such as `/status`.
    pub base_path: String,
    /// The path of the stream of board versions; `None` where no server answers (a snapshot), whose pages poll.
    pub stream: Option<String>,
    /// In a demonstration, whose clock is not the reader's: the seconds that pass on its clock in each of theirs.
    pub demonstration_speed: Option<u32>,
    /// What the sign-in provider of the console is called; `None` where there is none.
    pub sign_in_provider: Option<String>,
}

impl Site {
    /// A path from the root as a link.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_path)
    }
}
