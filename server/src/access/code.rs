//! Codes that people copy by hand from paper: characters that are not taken for one another, in groups of four, the last
//! of them a check by which a slip of the hand is told apart from a code that is not known.

use subtle::{ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroizing;

/// Digits and letters without I, L, O and U (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const GROUP_LENGTH: usize = 4;
/// Longest text that is looked at, in bytes.
const TYPED_BYTES_MAX: usize = 100;
/// What is kept of a code.
pub const HASH_BYTES: usize = 32;

/// A code, as it is compared: upper case, without what sets its groups apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(Zeroizing<String>);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Code")
    }
}

/// Why a text is no code. It never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    #[error("a code has {right} letters and digits, and this has {given}")]
    Length { given: usize, right: usize },
    #[error("no code has the letter U or a sign other than `-` in it")]
    Character,
    #[error("one of the characters is not right; compare it with the paper")]
    Mistyped,
}

impl Code {
    /// A fresh one of `length` characters, of which the last is the check: five random bits for each other one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn fresh(length: usize) -> Result<Code, getrandom::Error> {
        let mut values = Zeroizing::new(vec![0; length.saturating_sub(1)]);
        getrandom::fill(&mut values)?;
        values.iter_mut().for_each(|value| *value %= 32);
        let check = check(&values);
        let characters = values.iter().chain([&check]).map(|value| char::from(ALPHABET[usize::from(*value)]));
        Ok(Code(Zeroizing::new(characters.collect())))
    }

    /// What somebody typed. Case, spaces and hyphens do not matter, and O, I and L are read as what they look like.
    ///
    /// # Errors
    /// [`CodeError`] for what is no code, or not as it was printed.
    pub fn parse(text: &str, length: usize) -> Result<Code, CodeError> {
        let mut code = Zeroizing::new(String::with_capacity(TYPED_BYTES_MAX));
        if text.len() > TYPED_BYTES_MAX {
            return Err(CodeError::Length { given: text.len(), right: length });
        }
        for character in text.chars().filter(|character| !character.is_whitespace() && *character != '-') {
            let read = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if !read.is_ascii() || !ALPHABET.contains(&(read as u8)) {
                return Err(CodeError::Character);
            }
            code.push(read);
        }
        if code.len() != length {
            return Err(CodeError::Length { given: code.len(), right: length });
        }
        let values: Zeroizing<Vec<u8>> = Zeroizing::new(code.bytes().filter_map(value).collect());
        match values.split_last() {
            Some((last, rest)) if *last == check(rest) => Ok(Code(code)),
            _ => Err(CodeError::Mistyped),
        }
    }

    /// As it is printed: `ABCD-EFGH-JKMN-PQRS`.
    pub fn shown(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        characters.chunks(GROUP_LENGTH).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// What is kept of it, sealed: its random bits need no slow hash.
    pub fn hash(&self) -> [u8; HASH_BYTES] {
        *blake3::hash(self.0.as_bytes()).as_bytes()
    }
}

fn value(character: u8) -> Option<u8> {
    ALPHABET.iter().position(|held| *held == character).and_then(|at| u8::try_from(at).ok())
}

/// The sum of the values, each times another power of a primitive element of GF(32): one wrong character changes it, and
/// so does any two that have changed places (of at most 31).
fn check(values: &[u8]) -> u8 {
    // Horner's rule; to double is to shift and to reduce by x^5 + x^2 + 1.
    let doubled = |sum: u8| if sum & 0b1_0000 == 0 { sum << 1 } else { (sum << 1) ^ 0b10_0101 };
    values.iter().fold(0, |sum, value| doubled(sum ^ value))
}

/// Codes of one kind, and what is kept of them.
pub struct Fresh {
    /// As they are printed.
    pub shown: Vec<String>,
    /// Their hashes, one after the other.
    pub hashes: Zeroizing<Vec<u8>>,
}

/// Makes `count` codes of `length` characters.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn fresh(count: usize, length: usize) -> Result<Fresh, getrandom::Error> {
    let codes = (0..count).map(|_| Code::fresh(length)).collect::<Result<Vec<Code>, _>>()?;
    let hashes = Zeroizing::new(codes.iter().flat_map(Code::hash).collect());
    Ok(Fresh { shown: codes.iter().map(Code::shown).collect(), hashes })
}

/// The number of a code among those whose hashes are given one after the other. It takes as long for each.
pub fn number(code: &Code, hashes: &[u8]) -> Option<u16> {
    let hash = code.hash();
    // One past the last number that a log can hold.
    let mut found = u32::MAX;
    for (number, held) in (0_u32..).zip(hashes.chunks_exact(HASH_BYTES)) {
        found.conditional_assign(&number, held.ct_eq(&hash));
    }
    u16::try_from(found).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: usize = 20;

    #[test]
    fn a_code_is_read_however_it_is_written() {
        let code = Code::fresh(LENGTH).expect("randomness");
        let shown = code.shown();
        assert_eq!(shown.split('-').map(str::len).collect::<Vec<_>>(), [4; 5], "{shown}");
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), shown.replace('0', "o")] {
            assert_eq!(Code::parse(&typed, LENGTH), Ok(code.clone()), "{typed}");
        }
        let values = [&[1][..], &[0; 18]].concat();
        let last = char::from(ALPHABET[usize::from(check(&values))]);
        let one = Code::parse(&format!("l000-0000-0000-0000-000{last}"), LENGTH);
        assert!(one.is_ok(), "L is read as 1");
    }

    #[test]
    fn every_slip_of_one_character_or_of_two_that_change_places_is_told() {
        let code = Code::fresh(LENGTH).expect("randomness");
        let right: Vec<char> = code.shown().replace('-', "").chars().collect();
        for at in 0..LENGTH {
            for other in ALPHABET.iter().map(|byte| char::from(*byte)).filter(|other| *other != right[at]) {
                let mut typed = right.clone();
                typed[at] = other;
                assert_eq!(Code::parse(&typed.iter().collect::<String>(), LENGTH), Err(CodeError::Mistyped));
            }
            for other in (0..at).filter(|other| right[*other] != right[at]) {
                let mut typed = right.clone();
                typed.swap(at, other);
                assert_eq!(Code::parse(&typed.iter().collect::<String>(), LENGTH), Err(CodeError::Mistyped));
            }
        }
        let typed: String = right[1..].iter().collect();
        assert_eq!(Code::parse(&typed, LENGTH), Err(CodeError::Length { given: 19, right: 20 }));
        assert_eq!(Code::parse("UUUU", LENGTH), Err(CodeError::Character));
        assert_eq!(Code::parse("码", LENGTH), Err(CodeError::Character));
        assert!(Code::parse(&"0".repeat(1000), LENGTH).is_err());
    }

    #[test]
    fn a_code_is_found_by_its_hash() {
        let made = fresh(5, LENGTH).expect("randomness");
        for (number, shown) in (0..).zip(&made.shown) {
            let code = Code::parse(shown, LENGTH).expect("a code");
            assert_eq!(super::number(&code, &made.hashes), Some(number));
        }
        let other = Code::fresh(LENGTH).expect("randomness");
        assert_eq!(super::number(&other, &made.hashes), None);
        assert_eq!(super::number(&other, &[]), None);
    }
}
