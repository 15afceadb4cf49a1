use super::*;
use fluent_bundle::{FluentError, FluentResource};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

const BOTH: [(Locale, &[&str]); 2] = [(Locale::English, ENGLISH), (Locale::SimplifiedChinese, SIMPLIFIED_CHINESE)];

/// The ids of messages, as they stand at the beginning of lines.
fn ids(sources: &[&str]) -> Vec<String> {
    let of_line = |line: &str| {
        let (id, _) = line.split_once(" =")?;
        let is_id = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        (is_id && !id.is_empty()).then(|| id.to_owned())
    };
    sources.iter().flat_map(|source| source.lines().filter_map(of_line)).collect()
}

/// The names of placeholders.
fn places(sources: &[&str]) -> BTreeSet<String> {
    let is_name = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'-';
    let name = |rest: &str| rest.bytes().take_while(|byte| is_name(byte)).map(char::from).collect::<String>();
    sources.iter().flat_map(|source| source.split('$').skip(1).map(name)).collect()
}

#[test]
fn both_languages_say_the_same_things_once_each() {
    let (english, chinese) = (ids(ENGLISH), ids(SIMPLIFIED_CHINESE));
    let sets = [&english, &chinese].map(|ids| ids.iter().collect::<BTreeSet<_>>());
    assert_eq!(sets[0], sets[1]);
    assert_eq!((english.len(), chinese.len()), (sets[0].len(), sets[1].len()), "an id stands twice");
    assert!(english.len() > 150);
}

#[test]
fn every_file_is_fluent_and_every_message_can_be_said() {
    for (locale, sources) in BOTH {
        for source in sources {
            FluentResource::try_new((*source).to_owned()).expect("the file is Fluent");
        }
        let words = Words::of(locale);
        for count in [1, 2, 17] {
            let mut arguments = FluentArgs::new();
            places(sources).into_iter().for_each(|name| arguments.set(name, count));
            for id in ids(sources) {
                let message = words.bundle.get_message(&id).and_then(|message| message.value()).expect(&id);
                let mut errors: Vec<FluentError> = Vec::new();
                let said = words.bundle.format_pattern(message, Some(&arguments), &mut errors);
                assert!(errors.is_empty(), "{id}: {errors:?}");
                assert!(!said.trim().is_empty(), "{id}");
                assert!(!said.contains(['!', '！', '{', '\u{2068}']), "{id}: {said}");
            }
        }
    }
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => rust_files(&path, files),
            false => files.push(path),
        }
    }
}

#[test]
fn every_message_is_used_and_every_message_that_is_used_exists() {
    let mut files = Vec::new();
    let app = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Badges say their words in the server.
    [app.join("src"), app.join("../server/src")].iter().for_each(|folder| rust_files(folder, &mut files));
    let sources: Vec<String> = files.iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    let known: BTreeSet<String> = ids(ENGLISH).into_iter().collect();
    // Refusals by their codes: the next test. Kinds of events by their names: a test of the server, which knows them.
    let parts_of_ids = ["month-", "duration-", "refusal-", "event-"];
    for id in known.iter().filter(|id| !parts_of_ids.iter().any(|start| id.starts_with(start))) {
        assert!(sources.iter().any(|source| source.contains(&format!("\"{id}\""))), "nothing says {id}");
    }
    for call in ["say(\"", "say_with(\"", "message(cx, \"", "fact(\"", "promise(\"", "row(\"", "around(\""] {
        for id in sources.iter().flat_map(|source| source.split(call).skip(1)).filter_map(|rest| rest.split('"').next())
        {
            // The calls of this test itself are no ids.
            let is_id = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(!is_id || id.is_empty() || known.contains(id), "{call}{id} is no message");
        }
    }
}

/// Every reason to refuse has a sentence in both languages, which says nothing but what the reason tells; and there is no
/// sentence without a reason.
#[test]
fn every_reason_to_refuse_can_be_said() {
    let reasons = [domain::command::Reason::ALL, crate::console::Obstacle::ALL].concat();
    let codes: BTreeSet<&str> = reasons.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes.len(), reasons.len(), "a code stands for two reasons");
    for (locale, sources) in BOTH {
        let said: Vec<(String, &str)> = sources
            .iter()
            .flat_map(|source| source.lines())
            .filter_map(|line| line.strip_prefix("refusal-")?.split_once(" = "))
            .map(|(code, sentence)| (code.to_owned(), sentence))
            .filter(|(code, _)| !["place", "and-more", "none-yet"].contains(&code.as_str()))
            .collect();
        assert_eq!(said.len(), reasons.len(), "{locale:?}");
        for (code, sentence) in said {
            let (_, details) = reasons.iter().find(|(known, _)| *known == code).unwrap_or_else(|| panic!("{code}"));
            let places = places(&[sentence]);
            assert!(places.iter().all(|place| details.contains(&place.as_str())), "{locale:?} {code}: {places:?}");
        }
    }
}

#[test]
fn a_list_is_joined_as_the_language_joins_it() {
    let names = ["A", "B", "C"].map(str::to_owned);
    let cases = [
        (Locale::English, ["", "A", "A and B", "A, B and C"]),
        (Locale::SimplifiedChinese, ["", "A", "A 和 B", "A、B 和 C"]),
    ];
    for (locale, expected) in cases {
        for (count, expected) in expected.into_iter().enumerate() {
            assert_eq!(Words::of(locale).list(&names[..count]), expected);
        }
    }
    let names = ["广州", "上海"].map(str::to_owned);
    assert_eq!(Words::of(Locale::SimplifiedChinese).list(&names), "广州和上海");
}

#[test]
fn a_name_is_never_changed_inside() {
    let words = Words::of(Locale::SimplifiedChinese);
    let arguments = [("title", "云API故障".into()), ("site", "X云".into())];
    assert_eq!(words.say_with("page-title", &arguments), "云API故障 · X云");
}

#[test]
fn pieces_leave_places_where_the_language_puts_them() {
    let pieces = Words::of(Locale::SimplifiedChinese).pieces("freshness-grey", &[], &["time"]);
    let expected = vec![Piece::Text("自 ".to_owned()), Piece::Place(0), Piece::Text(" 起未经确认".to_owned())];
    assert_eq!(pieces, expected);
}
