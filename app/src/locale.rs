//! The languages of the page.

/// A language that the page is complete in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Locale {
    #[default]
    English,
    SimplifiedChinese,
}

impl Locale {
    pub const ALL: &'static [Locale] = &[Locale::English, Locale::SimplifiedChinese];

    /// The BCP 47 tag, for `lang`, `hreflang`, message files and [`domain::text::Text::in_language`].
    pub fn tag(self) -> &'static str {
        match self {
            Locale::English => "en",
            Locale::SimplifiedChinese => "zh-CN",
        }
    }

    /// The first segment of a path that fixes the language.
    pub fn segment(self) -> &'static str {
        match self {
            Locale::English => "en",
            Locale::SimplifiedChinese => "zh",
        }
    }

    /// The language's own name, for the link that switches to it.
    pub fn own_name(self) -> &'static str {
        match self {
            Locale::English => "English",
            Locale::SimplifiedChinese => "简体中文",
        }
    }

    pub fn from_segment(segment: &str) -> Option<Self> {
        Locale::ALL.iter().copied().find(|locale| locale.segment() == segment)
    }

    /// The language of the page that a BCP 47 tag names, by its primary subtag as [`domain::text::Text::in_language`]
    /// looks it up.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Locale::from_segment(tag.split('-').next().unwrap_or(tag))
    }

    /// The language that a text looks written in: by the script of most of its letters, a Han character counting for
    /// three. `None` where it has no letters of either.
    pub fn of_writing(text: &str) -> Option<Self> {
        let is_han = |character: &char| matches!(character, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}');
        let han = 3 * text.chars().filter(is_han).count();
        let latin = text.chars().filter(char::is_ascii_alphabetic).count();
        match han.cmp(&latin) {
            _ if han + latin == 0 => None,
            std::cmp::Ordering::Less => Some(Locale::English),
            _ => Some(Locale::SimplifiedChinese),
        }
    }

    /// The best language for an `Accept-Language` header (RFC 9110 section 12.5.4): highest quality first, then the
    /// order given; English when none fits.
    pub fn negotiate(accept_language: &str) -> Self {
        const RANGES_MAX: usize = 32;
        let mut best: Option<(u32, Locale)> = None;
        for range in accept_language.split(',').take(RANGES_MAX) {
            let mut parts = range.trim().split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
            let primary = tag.split('-').next().unwrap_or_default();
            let locale = Locale::ALL.iter().copied().find(|locale| locale.segment() == primary);
            if let Some(locale) = locale
                && quality > 0
                && best.is_none_or(|(so_far, _)| quality > so_far)
            {
                best = Some((quality, locale));
            }
        }
        best.map_or(Locale::English, |(_, locale)| locale)
    }
}

/// A quality value in thousandths; 0 when it is none.
fn thousandths(text: &str) -> u32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    let value = whole.parse::<u32>().ok().zip(digits.parse::<u32>().ok());
    value.map_or(0, |(whole, thousandths)| (whole.min(1) * 1000 + thousandths).min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_for_the_language_that_most_of_it_is_written_in() {
        let cases = [
            ("The Cloud API fails.", Some(Locale::English)),
            ("云 API 在上海出现故障。", Some(Locale::SimplifiedChinese)),
            ("Cloud API 控制台无法访问", Some(Locale::SimplifiedChinese)),
            ("Traffic to 上海 is redirected.", Some(Locale::English)),
            ("15:23 – 16:50", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Locale::of_writing(text), expected, "{text}");
        }
    }

    #[test]
    fn the_language_with_the_highest_quality_wins() {
        let cases = [
            ("", Locale::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Locale::SimplifiedChinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Locale::English),
            ("fr, zh;q=0.5, en;q=0.6", Locale::English),
            ("zh;q=0, en;q=0.1", Locale::English),
            ("de;q=1", Locale::English),
            ("zh;q=x", Locale::English),
        ];
        for (header, expected) in cases {
            assert_eq!(Locale::negotiate(header), expected, "{header}");
        }
    }
}
