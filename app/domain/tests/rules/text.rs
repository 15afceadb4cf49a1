//! What names, texts and codes may hold.

use domain::text::*;
use std::collections::BTreeMap;

#[test]
fn names_with_control_direction_or_invisible_characters_are_refused() {
    let cases = [
        ("", TextError::Empty),
        ("  ", TextError::Empty),
        ("a\nb", TextError::LineBreak(2)),
        ("a\u{0}b", TextError::Control(0, 2)),
        ("a\u{1b}[31m", TextError::Control(0x1b, 2)),
        ("pay\u{202e}lap", TextError::Invisible(0x202e, 4)),
        ("a\u{2066}b", TextError::Invisible(0x2066, 2)),
        ("a\u{200b}b", TextError::Invisible(0x200b, 2)),
    ];
    for (name, expected) in cases {
        assert_eq!(check_name(&name.into()), Err(expected), "{name:?}");
    }
    for name in ["Cloud API", "云 API 不可用", "عربي", "👩‍💻 tools"] {
        assert_eq!(check_name(&name.into()), Ok(()), "{name:?}");
    }
    let long = "x".repeat(NAME_LENGTH_MAX + 1);
    assert_eq!(check_name(&long.into()), Err(TextError::TooLong { actual: 201, max: 200 }));
}

#[test]
fn a_translation_is_checked_like_the_text_itself() {
    let mut text: Text = "Shanghai".into();
    text.translations.insert("zh-CN".into(), "上\u{202e}海".into());
    assert_eq!(check_name(&text), Err(TextError::Invisible(0x202e, 2)));
    text.translations = BTreeMap::from([("not a tag".to_owned(), "x".to_owned())]);
    assert!(matches!(check_name(&text), Err(TextError::LanguageTag(_))));
}

#[test]
fn sixty_five_kibibytes_of_text_are_refused_with_the_bound() {
    let text: Text = "x".repeat(65 * 1024).into();
    assert_eq!(check_prose(&text), Err(TextError::TooManyBytes { actual: 66_560, max: PROSE_BYTES_MAX }));
}

#[test]
fn the_language_falls_back_to_the_first_one() {
    let mut text: Text = "Shanghai".into();
    text.translations.insert("zh-CN".into(), "上海".into());
    let said = ["zh-CN", "zh", "zh-TW", "en", "fr"].map(|tag| text.in_language(tag));
    assert_eq!(said, ["上海", "上海", "上海", "Shanghai", "Shanghai"]);
}

#[test]
fn codes_stand_in_addresses() {
    for code in ["cloud-api", "a", "ap-shanghai", "eu2"] {
        assert_eq!(check_code(code), Ok(()));
    }
    for code in ["", "-a", "a-", "Cloud", "a b", "a/b", "..", "云"] {
        assert!(check_code(code).is_err(), "{code}");
    }
}
