//! Markdown that operators write, as HTML that can do no harm, or as plain text.
//!
//! Raw HTML and images never pass: raw HTML is shown as the text that it is, of an image its description stays, and of
//! a link that leads where none may lead its text. The sanitiser runs over the result all the same.

use ammonia::{Builder, Url};
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};
use std::{collections::HashSet, sync::OnceLock};

/// The heading level of the page that a text stands under, where nothing else is said.
const PAGE_HEADING_LEVEL: u8 = 3;
/// The deepest heading level of HTML.
const HEADING_LEVEL_MAX: u8 = 6;
/// What a link may lead to.
const LINK_SCHEMES: [&str; 3] = ["http", "https", "mailto"];

/// Sanitised HTML, to stand under a heading of the page's third level.
pub fn to_html(markdown: &str) -> String {
    to_html_under(markdown, PAGE_HEADING_LEVEL)
}

/// Sanitised HTML, to stand under a heading of this level: the text's own headings begin one below and leave none
/// out.
pub fn to_html_under(markdown: &str, level: u8) -> String {
    let mut above: Vec<HeadingLevel> = Vec::new();
    let mut current = HeadingLevel::H6;
    let events = harmless(markdown).map(|event| match event {
        Event::Start(Tag::Heading { level: own, .. }) => {
            above.retain(|held| *held < own);
            above.push(own);
            let depth = u8::try_from(above.len()).unwrap_or(HEADING_LEVEL_MAX);
            current = heading(level.saturating_add(depth));
            Event::Start(Tag::Heading { level: current, id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(current)),
        other => other,
    });
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, events);
    sanitiser().clean(&unsafe_html).to_string()
}

/// The text without its marks, paragraphs set apart by an empty line: for descriptions and feeds.
pub fn to_text(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for event in harmless(markdown) {
        match event {
            Event::Text(part) | Event::Code(part) => text.push_str(&part),
            Event::SoftBreak => text.push(' '),
            Event::HardBreak | Event::End(TagEnd::Item | TagEnd::TableRow) => text.push('\n'),
            Event::End(TagEnd::TableCell) => text.push(' '),
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::List(_)) => {
                text.push_str("\n\n");
            }
            _ => {}
        }
    }
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines.join("\n").trim().to_owned()
}

/// The events of a text, with raw HTML as text, images as their description and refused links as their text.
fn harmless(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    // Links do not nest.
    let mut in_refused_link = false;
    Parser::new_ext(markdown, options).filter_map(move |event| match event {
        Event::Start(Tag::Link { link_type, ref dest_url, .. }) => {
            in_refused_link = link_type != LinkType::Email && !may_lead_to(dest_url);
            (!in_refused_link).then_some(event)
        }
        Event::End(TagEnd::Link) => (!in_refused_link).then_some(event),
        Event::Html(raw) | Event::InlineHtml(raw) => Some(Event::Text(raw)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Rule => Some(Event::Text(CowStr::Borrowed(""))),
        other => Some(other),
    })
}

/// Whether a link may lead to this address: a whole one, since a reader of a mirror or a feed has another address than
/// the writer had.
fn may_lead_to(address: &str) -> bool {
    Url::parse(address).is_ok_and(|address| LINK_SCHEMES.contains(&address.scheme()))
}

fn heading(level: u8) -> HeadingLevel {
    HeadingLevel::try_from(usize::from(level.min(HEADING_LEVEL_MAX))).unwrap_or(HeadingLevel::H6)
}

fn sanitiser() -> &'static Builder<'static> {
    static SANITISER: OnceLock<Builder<'static>> = OnceLock::new();
    SANITISER.get_or_init(|| {
        let tags = [
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
        ];
        let mut builder = Builder::default();
        builder
            .tags(HashSet::from(tags))
            .generic_attributes(HashSet::new())
            .tag_attributes([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))].into())
            .url_schemes(HashSet::from(LINK_SCHEMES))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("nofollow noopener"));
        builder
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_up_is_marked_up() {
        let html = to_html("The **Cloud API** is [back](https://example.com/a?b=1&c=2).\n\n- one\n- two `x < y`");
        assert_eq!(
            html,
            "<p>The <strong>Cloud API</strong> is <a href=\"https://example.com/a?b=1&amp;c=2\" \
             rel=\"nofollow noopener\">back</a>.</p>\n<ul>\n<li>one</li>\n<li>two <code>x &lt; y</code></li>\n</ul>\n"
        );
    }

    #[test]
    fn nothing_that_runs_or_loads_passes() {
        let hostile = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <b onmouseover=alert(1)>b</b>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](vbscript:x)",
            "![x](https://example.com/pixel.png)",
            "<javascript:alert(1)>",
            "[x]: javascript:alert(1)\n\n[x]",
            "<a href=\"javascript:alert(1)\">x",
            "<style>*{display:none}</style>",
            "<svg><script>alert(1)</script>",
            "<!--><script>alert(1)</script>-->",
            "```\n</code></pre><script>alert(1)</script>\n```",
            "`<script>`",
            "<iframe src=https://example.com>",
            "[x](//example.com/y)",
            "[x](http://)",
            "[**x**](data:,x) [y](/y)",
        ];
        for text in hostile {
            let html = to_html(text);
            for tag in ["<script", "<img", "<b ", "<style", "<svg", "<iframe", "<!--", "<a"] {
                assert!(!html.contains(tag), "{text} gives {html}");
            }
        }
    }

    #[test]
    fn raw_html_is_shown_as_the_text_that_it_is() {
        assert_eq!(to_html("run `a` <b>now</b>"), "<p>run <code>a</code> &lt;b&gt;now&lt;/b&gt;</p>\n");
        assert_eq!(to_text("run `a` <b>now</b>"), "run a <b>now</b>");
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        for text in ["**a", "[a](", "```\na", "<div><p>", "> > > a\n- b", "| a |\n|--"] {
            let html = to_html(text);
            let count = |part: &str| html.matches(part).count();
            for tag in ["p", "pre", "code", "strong", "ul", "li", "blockquote", "table"] {
                let opened = count(&format!("<{tag}>"));
                assert_eq!(opened, count(&format!("</{tag}>")), "{text} gives {html}");
            }
        }
    }

    #[test]
    fn headings_begin_below_the_pages_own_and_leave_no_level_out() {
        let html = to_html_under("# a\n### b\n## c\n# d", 2);
        assert_eq!(html, "<h3>a</h3>\n<h4>b</h4>\n<h4>c</h4>\n<h3>d</h3>\n");
        assert!(to_html("## a\n###### b").contains("<h5>b</h5>"));
        assert!(to_html_under("# a\n## b\n### c", 5).contains("<h6>c</h6>"));
    }

    #[test]
    fn the_longest_text_passes_whole() {
        let words = "word **bold** <i> ".repeat(48 * 1024 / 18);
        assert_eq!(to_html(&words).matches("<strong>").count(), 48 * 1024 / 18);
        let nested = "> ".repeat(24 * 1024);
        assert!(to_html(&nested).len() < 48 * 1024 * 16);
    }

    #[test]
    fn as_text_paragraphs_stay_apart() {
        assert_eq!(
            to_text("# Now\n\nThe **API**\nis [back](https://x.example).\n\n- a\n- b"),
            "Now\n\nThe API is back.\n\na\nb"
        );
    }
}
