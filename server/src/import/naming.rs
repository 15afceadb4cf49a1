//! Codes for components, groups and regions that only have names.

use domain::{id::Id, text::CODE_LENGTH_MAX};

/// Characters of the derived id that tell two names with the same code apart.
const SUFFIX_LENGTH: usize = 6;

/// The code that a name gives: its ASCII letters and digits in lower case, everything else as single hyphens. A name
/// without any, or whose code `is_taken`, gets some characters of an id derived from the whole name.
pub fn code(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut code = String::new();
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            code.push(character.to_ascii_lowercase());
        } else if !code.is_empty() && !code.ends_with('-') {
            code.push('-');
        }
    }
    code.truncate(CODE_LENGTH_MAX);
    let code = code.trim_end_matches('-');
    if !code.is_empty() && !is_taken(code) {
        return code.to_owned();
    }
    let id = Id::derived(&[b"name", name.as_bytes()]);
    let suffix = &id.as_str()[..SUFFIX_LENGTH];
    let kept = &code[..code.len().min(CODE_LENGTH_MAX - SUFFIX_LENGTH - 1)];
    match kept.trim_end_matches('-') {
        "" => suffix.to_owned(),
        kept => format!("{kept}-{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::check_code;

    #[test]
    fn every_name_has_a_code() {
        assert_eq!(code("API Requests", |_| false), "api-requests");
        assert_eq!(code("  Git -- Operations! ", |_| false), "git-operations");
        assert_eq!(code("Café", |_| false), "caf");
        let long = "word ".repeat(40);
        for name in ["云函数", "", "---", long.as_str(), "\u{202e}x", "API Requests"] {
            for taken in [false, true] {
                let code = code(name, |_| taken);
                assert_eq!(check_code(&code), Ok(()), "{name}: {code}");
            }
        }
        assert_ne!(code("云函数", |_| false), code("云硬盘", |_| false));
        assert_ne!(code("A.B", |code| code == "a-b"), "a-b");
    }
}
