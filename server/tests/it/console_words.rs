//! The console in more than one language: texts that are written in several, and refusals in the operator's own.

use crate::{
    console_app::{ConsoleApp, PASSWORD},
    test_app::Reply,
};
use domain::{command::Command, id::IncidentId, operator::Role, text::Text};
use std::{fs, path::Path};

async fn editor() -> (ConsoleApp, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Editor).await;
    let cookie = app.sign_in("wei").await;
    (app, cookie)
}

fn text(default: &str, translations: &[(&str, &str)]) -> Text {
    let translations = translations.iter().map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned())).collect();
    Text { default: default.to_owned(), translations }
}

/// A form as a browser sends it: what it carries, and what was typed.
fn form(of: &Reply, carried: &[&str], typed: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for name in carried {
        form.append_pair(name, &ConsoleApp::hidden(of, name));
    }
    form.extend_pairs(typed).finish()
}

async fn in_chinese(app: &ConsoleApp, method: &str, path: &str, cookie: &str, body: &str) -> Reply {
    app.send(method, path, &[("cookie", cookie), ("accept-language", "zh-CN")], body).await
}

fn held(app: &ConsoleApp, id: IncidentId) -> domain::incident::Incident {
    app.node().board().incident(id).map(|held| held.as_ref().clone()).expect("held")
}

#[tokio::test]
async fn an_incident_is_reported_in_both_languages_and_each_reader_sees_theirs() {
    let (app, cookie) = editor().await;
    let path = "/admin/incidents/new";
    let page = app.get(path, &cookie).await;
    assert!(page.text().contains("In other languages: 简体中文"), "{}", page.text());
    assert!(!page.text().contains("id=\"other-languages\" open"), "folded away until something is in it");
    let typed = |wanted| {
        let mut typed = vec![("title", "Cloud API fails"), ("title.zh-CN", "云 API 故障"), ("status", "investigating")];
        typed.extend([("impact", "major"), ("text", "We **look** into it"), ("text.zh-CN", "正在**调查**")]);
        typed.extend([("root_cause.zh-CN", " "), ("all.cloud-api", "major_outage"), ("do", wanted)]);
        typed
    };
    let carried = ["form_key", "once", "seen"];
    let review = app.post(path, &cookie, &form(&page, &carried, &typed("review"))).await;
    assert_eq!(review.status, 200, "{}", review.text());
    for shown in
        ["<strong>look</strong>", "<strong>调查</strong>", "lang=\"zh-CN\"", "<h3>云 API 故障</h3>", "正在调查"]
    {
        assert!(review.text().contains(shown), "{shown}: {}", review.text());
    }
    assert_eq!(ConsoleApp::hidden(&review, "text.zh-CN"), "正在**调查**", "carried on");
    assert!(!review.text().contains("not in their language"), "every language of the page is there");

    let published = app.post(path, &cookie, &form(&page, &carried, &typed("publish"))).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let id: IncidentId = ConsoleApp::hidden(&page, "once").parse().expect("an id");
    let incident = held(&app, id);
    assert_eq!(incident.title, text("Cloud API fails", &[("zh-CN", "云 API 故障")]));
    assert_eq!(incident.updates[0].text, text("We **look** into it", &[("zh-CN", "正在**调查**")]));
    assert_eq!(incident.updates[0].root_cause, None, "what is empty is not there");
    let chinese = app.get(&format!("/zh/incidents/{id}"), "").await;
    assert!(chinese.text().contains("<strong>调查</strong>") && !chinese.text().contains("look"));

    // In one language as quickly as ever; the review says who will read something else.
    let page = app.get(&format!("/admin/incidents/{id}"), &cookie).await;
    let one = form(&page, &carried, &[("text", "It goes on"), ("do", "review")]);
    let review = app.post(&format!("/admin/incidents/{id}/updates"), &cookie, &one).await;
    assert!(review.text().contains("Readers in 简体中文 will see a text here that is not in their language."));
}

#[tokio::test]
async fn a_refused_or_overtaken_form_keeps_every_language() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let page = app.get(&path, &cookie).await;
    let carried = ["form_key", "once", "seen"];
    let typed = [("text", ""), ("text.zh-CN", "只有中文"), ("text.de", "auch <b>deutsch</b>"), ("do", "publish")];
    let refused = app.post(&format!("{path}/updates"), &cookie, &form(&page, &carried, &typed)).await;
    assert_eq!(refused.status, 422);
    for kept in ["id=\"other-languages\" open", "只有中文", "name=\"text.de\"", "auch &lt;b>deutsch"] {
        assert!(refused.text().contains(kept), "{kept}: {}", refused.text());
    }
    // What is wrong with a translation is said of its own field.
    let bad = [("text", "Fine"), ("text.zh-CN", "右\u{202E}左"), ("do", "publish")];
    let refused = app.post(&format!("{path}/updates"), &cookie, &form(&page, &carried, &bad)).await;
    assert!(refused.text().contains("What is known (简体中文): holds the invisible character U+202E"));
    assert!(refused.text().contains("id=\"text_zh-CN-wrong\""), "{}", refused.text());

    app.post_update(incident, "Posted by somebody else").await;
    let typed = [("text", "Mine"), ("text.zh-CN", "我的"), ("do", "publish")];
    let late = app.post(&format!("{path}/updates"), &cookie, &form(&page, &carried, &typed)).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("Mine") && late.text().contains("我的"));
    let published = app.post(&format!("{path}/updates"), &cookie, &form(&late, &carried, &typed)).await;
    assert_eq!(published.status, 303, "{}", published.text());
    assert_eq!(held(&app, incident).newest().expect("one").text, text("Mine", &[("zh-CN", "我的")]));
}

#[tokio::test]
async fn an_edit_keeps_translations_also_into_languages_that_the_page_has_not() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let update = held(&app, incident).updates[0].id;
    let full = text("It fails", &[("zh-CN", "出现故障"), ("de", "Es geht nicht")]);
    app.publish(Command::EditUpdate { incident, update, text: full }).await;
    let path = format!("/admin/incidents/{incident}/updates/{update}");
    let page = app.get(&path, &cookie).await;
    for filled in ["It fails", "出现故障", "Es geht nicht", "In other languages: de and 简体中文"] {
        assert!(page.text().contains(filled), "{filled}: {}", page.text());
    }
    let carried = ["form_key", "seen"];
    let typed = [("text", "It **fails** still"), ("text.zh-CN", "仍有故障"), ("text.de", "Es geht nicht")];
    let with = |wanted: &'static str| [typed.as_slice(), &[("do", wanted)]].concat();
    let preview = app.post(&path, &cookie, &form(&page, &carried, &with("preview"))).await;
    assert!(preview.text().contains("<strong>fails</strong>") && preview.text().contains("仍有故障"));
    assert!(!preview.text().contains("<html"), "a fragment: {}", preview.text());
    let review = app.post(&path, &cookie, &form(&page, &carried, &with("review"))).await;
    let shown = review.text().split("id=\"live-shown\"").nth(1).expect("a preview").split("</section>").next();
    assert!(shown.is_some_and(|shown| shown.contains("<strong>fails</strong>") && shown.contains("仍有故障")));
    assert_eq!(app.post(&path, &cookie, &form(&page, &carried, &with("publish"))).await.status, 303);
    let kept = text("It **fails** still", &[("zh-CN", "仍有故障"), ("de", "Es geht nicht")]);
    assert_eq!(held(&app, incident).updates[0].text, kept);

    let page = app.get(&path, &cookie).await;
    let fewer = form(&page, &carried, &[("text", "It **fails** still"), ("text.zh-CN", "仍有故障"), ("do", "publish")]);
    assert_eq!(app.post(&path, &cookie, &fewer).await.status, 303);
    assert_eq!(
        held(&app, incident).updates[0].text,
        text("It **fails** still", &[("zh-CN", "仍有故障")]),
        "taken away"
    );
}

#[tokio::test]
async fn a_title_is_changed_in_every_language_and_not_over_somebody_elses() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}/edit");
    let page = app.get(&path, &cookie).await;
    let carried = ["form_key", "seen"];
    let typed = [("title", "API down"), ("title.zh-CN", "API 不可用"), ("impact", "minor"), ("do", "publish")];
    let edit = domain::change::IncidentEdited {
        title: Some(text("Another title", &[("zh-CN", "另一个标题")])),
        ..Default::default()
    };
    let before = held(&app, incident).title.clone();
    app.publish(Command::EditIncident { incident, edit }).await;
    let late = app.post(&path, &cookie, &form(&page, &carried, &typed)).await;
    assert_eq!(late.status, 409);
    let steps = [
        format!("<dd>{} → Another title</dd>", before.default),
        format!("<dd>{} → 另一个标题</dd>", before.in_language("zh-CN")),
    ];
    for shown in steps.iter().map(String::as_str).chain(["somebody changed this incident"]) {
        assert!(late.text().contains(shown), "{shown}: {}", late.text());
    }
    assert!(late.text().contains("value=\"API down\"") && late.text().contains("value=\"API 不可用\""), "kept");
    assert_eq!(held(&app, incident).title.default, "Another title", "nothing was written over");
    let published = app.post(&path, &cookie, &form(&late, &carried, &typed)).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let now = held(&app, incident);
    assert_eq!(now.title, text("API down", &[("zh-CN", "API 不可用")]));
    assert_eq!(now.impact, domain::status::Impact::Minor);
}

#[tokio::test]
async fn a_template_holds_every_language_and_an_update_begins_with_all_of_them() {
    let (app, cookie) = editor().await;
    let page = in_chinese(&app, "GET", "/admin/templates", &cookie, "").await;
    assert!(page.text().contains("其他语言：English"), "an operator's own language comes first");
    let typed = [
        ("name", "API"),
        ("title", "API fails"),
        ("title.zh-CN", "API 故障"),
        ("text", "We look."),
        ("text.zh-CN", "正在调查。"),
    ];
    let with = |wanted: &'static str| [typed.as_slice(), &[("do", wanted)]].concat();
    let preview = app.post("/admin/templates", &cookie, &form(&page, &["form_key"], &with("preview"))).await;
    assert!(preview.text().contains("We look.") && preview.text().contains("正在调查。"), "{}", preview.text());
    let kept = app.post("/admin/templates", &cookie, &form(&page, &["form_key"], &with("set"))).await;
    assert_eq!(kept.status, 303, "{}", kept.text());
    let (id, template) = app.node().board().templates.iter().next().map(|(id, held)| (*id, held.clone())).expect("one");
    assert_eq!(template.text, text("We look.", &[("zh-CN", "正在调查。")]));
    let again = app.get(&format!("/admin/templates?edit={id}"), &cookie).await;
    assert!(again.text().contains("正在调查。") && again.text().contains("value=\"API 故障\""));

    let page = app.get("/admin/incidents/new", &cookie).await;
    let id = id.to_string();
    let begun = [("template", id.as_str()), ("text.zh-CN", "先写的。"), ("do", "template")];
    let begun = app.post("/admin/incidents/new", &cookie, &form(&page, &["form_key", "once"], &begun)).await;
    assert_eq!(begun.status, 200);
    for taken in ["value=\"API 故障\"", "We look.", "先写的。\n\n正在调查。"] {
        assert!(begun.text().contains(taken), "{taken}: {}", begun.text());
    }
}

#[tokio::test]
async fn a_postmortem_is_previewed_and_published_in_every_language() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let end = crate::store::post(0, domain::status::Status::Resolved, "It is over");
    let update = domain::change::UpdatePosted { at: app.node().clock().now(), ..end };
    app.publish(Command::Post { incident, update }).await;
    let path = format!("/admin/incidents/{incident}/postmortem");
    let page = app.get(&path, &cookie).await;
    assert!(page.text().contains("data-live") && page.text().contains("/live.js"));
    let typed = [("text", "What **happened**"), ("text.zh-CN", "**经过**"), ("do", "preview")];
    let preview = app.post(&path, &cookie, &form(&page, &["form_key", "seen"], &typed)).await;
    assert!(preview.text().contains("<strong>happened</strong>") && preview.text().contains("<strong>经过</strong>"));
    assert!(held(&app, incident).postmortem.is_none(), "a preview writes nothing");
    let headed = "What **happened**\n\n# Why";
    let typed = |wanted| [("text", headed), ("text.zh-CN", "**经过**"), ("do", wanted)];
    let preview = app.post(&path, &cookie, &form(&page, &["form_key", "seen"], &typed("preview"))).await;
    assert_eq!(app.post(&path, &cookie, &form(&page, &["form_key", "seen"], &typed("publish"))).await.status, 303);
    let published = held(&app, incident).postmortem.expect("published").text;
    assert_eq!(published, text(headed, &[("zh-CN", "**经过**")]));
    // Readers get, letter for letter, what was shown.
    let shown = preview.text().split("<div class=\"prose\">").nth(1).and_then(|rest| rest.split("</div>").next());
    let shown = shown.expect("a text");
    assert!(shown.contains("Why</h"), "{shown}");
    let public = app.get(&format!("/incidents/{incident}"), "").await;
    let postmortem = public.text().split("id=\"postmortem\"").nth(1).expect("a postmortem");
    assert!(postmortem.contains(&format!("<div class=\"prose\">{shown}</div>")), "{shown}: {postmortem}");
}

#[tokio::test]
async fn refusals_are_said_in_the_operators_language_and_the_api_keeps_its_own() {
    let (app, cookie) = editor().await;
    let incident = app.open_incident().await;
    let page = app.get(&format!("/admin/incidents/{incident}"), &cookie).await;
    let carried = ["form_key", "once", "seen"];
    let path = format!("/admin/incidents/{incident}/updates");
    let typed = [("text", ""), ("status", "resolved"), ("next_at", "2024-02-30T10:00"), ("do", "publish")];
    let refused = in_chinese(&app, "POST", &path, &cookie, &form(&page, &carried, &typed)).await;
    assert!(refused.text().contains("“2024-02-30T10:00”不是 Asia/Shanghai 的有效时间"), "{}", refused.text());
    let cases = [
        (vec![("text", "")], "已知情况：内容为空。请用一句话写明已知情况"),
        (vec![("text", "a\u{0007}")], "第 2 个字符是控制字符 U+0007"),
        (vec![("text", "x"), ("status", "scheduled")], "“已计划”不是"),
        (vec![("text", "x"), ("impact", "huge")], "影响：“huge”不在选项之中"),
    ];
    for (typed, said) in cases {
        let typed = [typed, vec![("do", "publish")]].concat();
        let refused = in_chinese(&app, "POST", &path, &cookie, &form(&page, &carried, &typed)).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains(said), "{said}: {}", refused.text());
    }
    let wrong = in_chinese(&app, "POST", "/admin/sign-in", "", "login=wei&password=not+it").await;
    assert!(wrong.text().contains("登录名或密码不正确，请重试"), "{}", wrong.text());
    let role = in_chinese(&app, "GET", "/admin/operators", &cookie, "").await;
    assert_eq!(role.status, 403);
    assert!(role.text().contains("此操作需要“管理员”角色，而您的角色是“编辑”"), "{}", role.text());
    let foreign = [("cookie", cookie.as_str()), ("accept-language", "zh"), ("origin", "https://evil.example")];
    let foreign = app.send("POST", &path, &foreign, "do=publish").await;
    assert!(foreign.text().contains("表单来自其他网站的页面"));
    let nowhere = in_chinese(&app, "GET", "/admin/nowhere", &cookie, "").await;
    assert!(nowhere.text().contains("控制台中没有这个页面"));
    // What the script of passkeys shows.
    let own = app.get("/admin/account", &cookie).await;
    let unproved = form(&own, &["form_key"], &[("present-for-passkey", "not it")]);
    let told = in_chinese(&app, "POST", "/admin/account/passkeys/begin", &cookie, &unproved).await;
    assert!(told.text().contains("这不是您当前的密码，请重试"), "{}", told.text());

    for _ in 0..20 {
        in_chinese(&app, "POST", "/admin/sign-in", "", "login=wei&password=not+it").await;
    }
    let password = PASSWORD.replace(' ', "+");
    let waits = in_chinese(&app, "POST", "/admin/sign-in", "", &format!("login=wei&password={password}")).await;
    assert_eq!(waits.status, 429);
    assert!(waits.text().contains("失败次数过多") && waits.text().contains("秒后才能再试"), "{}", waits.text());
    assert!(!waits.text().contains("too many"));
    let api = app.send("POST", "/api/v1/incidents", &[("accept-language", "zh-CN")], "{}").await;
    assert!(api.text().is_ascii(), "machines are told in English: {}", api.text());
}

/// Nothing that an operator can be refused in the console is said in English alone.
#[test]
fn the_console_has_no_refusal_without_a_translation() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let own = fs::read_dir(root.join("src/console")).expect("sources").map(|entry| entry.expect("an entry").path());
    let commands = ["mod", "draft", "operators", "catalog"];
    let commands = commands.map(|name| root.join(format!("../app/domain/src/command/{name}.rs")));
    let files = ["document", "place", "written"].map(|name| root.join(format!("src/catalog_file/{name}.rs")));
    let paths: Vec<_> = own.chain(commands).chain(files).chain([root.join("src/access/password.rs")]).collect();
    assert!(paths.len() > 25, "{paths:?}");
    for path in paths {
        let source = fs::read_to_string(&path).expect("a source");
        assert!(!source.contains("Refusal::new("), "{}: make it a Reason or an Obstacle", path.display());
    }
}

#[tokio::test]
async fn a_poster_is_shown_a_maintenance_where_a_poster_may_read_it() {
    let (app, editor) = editor().await;
    app.operator("poster", Role::Poster).await;
    let poster = app.sign_in("poster").await;
    let page = app.get("/admin/maintenances/new", &editor).await;
    let typed = [
        ("title", "Upgrade"),
        ("status", "scheduled"),
        ("impact", "none"),
        ("text", "Planned"),
        ("from", "2024-05-01T02:00"),
        ("until", "2024-05-01T04:00"),
        ("do", "publish"),
    ];
    let sent = app.post("/admin/maintenances/new", &editor, &form(&page, &["form_key", "once"], &typed)).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let id: IncidentId = ConsoleApp::hidden(&page, "once").parse().expect("an id");
    let end = domain::change::UpdatePosted {
        at: app.node().clock().now(),
        ..crate::store::post(0, domain::status::Status::Completed, "Done")
    };
    for list in ["/admin", "/admin/past", "/admin/audit"] {
        if list == "/admin/past" {
            app.publish(Command::Post { incident: id, update: end.clone() }).await;
        }
        for (cookie, link) in
            [(&editor, format!("/admin/maintenances/{id}")), (&poster, format!("/en/maintenance/{id}"))]
        {
            let shown = app.get(list, cookie).await;
            assert!(shown.text().contains(&format!("href=\"{link}")), "{list}: {link}: {}", shown.text());
            assert_eq!(app.get(&link, cookie).await.status, 200, "{link}");
        }
        assert!(!app.get(list, &poster).await.text().contains(&format!("/admin/maintenances/{id}")), "{list}");
    }
}
