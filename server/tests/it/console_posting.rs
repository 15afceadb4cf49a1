//! What is posted is posted once, whatever a browser, a line or two regions make of it.

use crate::{console_app::ConsoleApp, test_app::Reply};
use domain::{change::TemplateSet, command::Command, operator::Role, status::Status};

/// One signed in at an app with the replay's catalog.
async fn posting() -> (ConsoleApp, String) {
    let app = ConsoleApp::start().await;
    app.operator("wei", Role::Poster).await;
    let cookie = app.sign_in("wei").await;
    (app, cookie)
}

/// The hidden fields that a form of an answer sends along.
fn carried(form: &Reply) -> String {
    let [key, once, seen] = ["form_key", "once", "seen"].map(|name| ConsoleApp::hidden(form, name));
    format!("form_key={key}&once={once}&seen={seen}")
}

#[tokio::test]
async fn a_resend_through_another_region_publishes_once() {
    let (one, cookie) = posting().await;
    let two = ConsoleApp::number(2).await;
    two.pull(&one).await;
    two.advance(60);
    // The answer of the first region is lost, and the second has not heard of anything.
    let send = async |path: &str, form: &str| {
        for app in [&one, &two] {
            let sent = app.post(path, &cookie, &format!("{form}&do=publish")).await;
            assert!(sent.status == 303 && sent.header("location").contains("?saved="), "{}", sent.text());
        }
        one.pull(&two).await;
        two.pull(&one).await;
    };
    let shown = |incident: &str| {
        let id = incident.parse().expect("an id");
        let [first, second] = [&one, &two].map(|app| app.node().board().incident(id).cloned().expect("held"));
        assert_eq!(first, second);
        (first.updates.len(), first.conflict)
    };

    let form = one.get("/admin/incidents/new", &cookie).await;
    let incident = ConsoleApp::hidden(&form, "once");
    let report = "title=Cloud+API+fails&status=investigating&impact=critical&text=We+look&all.cloud-api=major_outage\
                  &next_in=20&recovery_in=60";
    send("/admin/incidents/new", &format!("{}&{report}", carried(&form))).await;
    assert_eq!(shown(&incident), (1, false), "opened");

    let path = format!("/admin/incidents/{incident}");
    let form = one.get(&path, &cookie).await;
    let update = "status=identified&text=We+know&in.cloud-api.ap-nanjing=operational&next_in=20&recovery_in=30";
    send(&format!("{path}/updates"), &format!("{}&{update}", carried(&form))).await;
    assert_eq!(shown(&incident), (2, false), "gone on");
    let (page, once) = (one.get(&format!("/incidents/{incident}"), "").await, ConsoleApp::hidden(&form, "once"));
    assert_eq!(page.text().matches(&format!("id=\"u-{once}\"")).count(), 1);
}

/// The options of a choice that are selected, by the name of the choice.
fn chosen(page: &Reply, prefix: &str) -> Vec<String> {
    let text = page.text();
    let selects = text.split("<select ").skip(1).filter_map(|rest| {
        let (name, options) = rest.split_once("name=\"")?.1.split_once('"')?;
        let options = options.split("</select>").next()?;
        let value = options.split("<option").find(|option| option.contains(" selected"))?;
        let value = value.split_once("value=\"")?.1.split_once('"')?.0;
        (name.starts_with(prefix) && !value.is_empty()).then(|| format!("{name}={value}"))
    });
    selects.collect()
}

/// What a page says of a proposal.
fn proposed(page: &Reply) -> String {
    let told = page.text().split_once("id=\"proposed\"").and_then(|(_, rest)| rest.split_once("</div>"));
    told.map(|(told, _)| told.to_owned()).unwrap_or_else(|| panic!("nothing is said: {}", page.text()))
}

const SERVICES: [&str; 5] = ["cloud-functions", "ocr", "microservice-platform", "audio-content-security", "captcha"];

#[tokio::test]
async fn what_depends_on_a_group_is_proposed_and_no_choice_is_overridden() {
    let (app, cookie) = posting().await;
    let form = carried(&app.get("/admin/incidents/new", &cookie).await);
    let propose = async |choices: &str| {
        let reply = app.post("/admin/incidents/new", &cookie, &format!("{form}&{choices}&do=propose")).await;
        assert_eq!(reply.status, 200);
        reply
    };
    let all = |of: &[&str], status: &str| of.iter().map(|code| format!("all.{code}={status}")).collect::<Vec<_>>();

    let page = propose("group.management=major_outage&but.ap-tokyo=yes").await;
    assert_eq!(chosen(&page, "all."), all(&SERVICES, "major_outage"));
    assert_eq!(chosen(&page, "in."), [""; 0], "what is left out is left out of these too");
    let told = proposed(&page);
    for part in ["Cloud Functions, OCR", "Data plane: Compute, Block Storage and Networking are not affected."] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(!told.contains("Console"), "its group is chosen already: {told}");

    // A service by itself, a group, and one region of a service are choices; so is to leave it as it is.
    let choices = "all.cloud-api=major_outage&in.cloud-api.ap-tokyo=degraded_performance&all.ocr=keep\
                   &in.captcha.ap-seoul=operational&all.compute=partial_outage";
    let page = propose(choices).await;
    let free = ["console", "cloud-functions", "microservice-platform", "audio-content-security"];
    let services = all(&free, "major_outage");
    let given: Vec<String> = chosen(&page, "all.").into_iter().filter(|choice| services.contains(choice)).collect();
    assert_eq!(given, services);
    assert_eq!(chosen(&page, "all.ocr"), ["all.ocr=keep"]);
    assert_eq!(chosen(&page, "all.captcha"), [""; 0]);
    assert_eq!(chosen(&page, "in.ocr."), [""; 0]);
    assert_eq!(chosen(&page, "in.cloud-functions."), ["in.cloud-functions.ap-tokyo=degraded_performance"]);
    let told = proposed(&page);
    assert!(told.contains("Data plane: Block Storage and Networking are not affected."), "{told}");
    let page = propose("all.cloud-api=major_outage&group.platform-services=degraded_performance").await;
    assert_eq!(chosen(&page, "all."), ["all.cloud-api=major_outage", "all.console=major_outage"]);

    for (choices, said) in [
        ("all.cloud-api=operational", "choose first which services are in trouble"),
        ("all.compute=major_outage", "nothing else depends on what is chosen"),
    ] {
        let told = proposed(&propose(choices).await);
        assert!(told.contains(said) && !told.contains("Compute"), "{said}: {told}");
    }
    let headers = [("cookie", cookie.as_str()), ("accept-language", "zh-CN")];
    let sent = format!("{form}&all.cloud-api=major_outage&do=propose");
    let page = app.send("POST", "/admin/incidents/new", &headers, &sent).await;
    let told = proposed(&page);
    assert!(
        told.contains("已加入依赖于所选服务的：控制台") && told.contains("数据面：") && told.contains("未受影响"),
        "{told}"
    );
}

#[tokio::test]
async fn what_is_affected_already_decides_which_templates_come_first() {
    let (app, cookie) = posting().await;
    let component = |code: &str| app.node().board().catalog.component_by_code(code).map(|component| component.id);
    let templates = [
        ("1 of compute", component("compute"), None),
        ("2 of any", None, None),
        ("3 of the api, when it is over", component("cloud-api"), Some(Status::Resolved)),
        ("4 of the api, while it is looked into", component("cloud-api"), Some(Status::Investigating)),
    ];
    for (name, component, status) in templates {
        let template = TemplateSet { name: name.to_owned(), component, status, title: None, text: "words".into() };
        app.publish(Command::SetTemplate(template)).await;
    }
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let order = |page: &Reply| {
        let select = page.text().split_once("name=\"template\"").and_then(|(_, rest)| rest.split_once("</select>"));
        let options = select.expect("a choice").0.split("<option").skip(1);
        let names = options.filter_map(|option| option.split_once('>')?.1.split(' ').next().map(str::to_owned));
        names.collect::<String>()
    };
    let form = app.get(&path, &cookie).await;
    assert_eq!(order(&form), "4231", "of the incident as it stands");
    let ending = format!("{}&status=resolved&do=edit", carried(&form));
    let ending = app.post(&format!("{path}/updates"), &cookie, &ending).await;
    assert_eq!(order(&ending), "3241", "of the status that is chosen");
    let new = app.get("/admin/incidents/new", &cookie).await;
    assert_eq!(order(&new), "2413", "where nothing is affected yet");
}

const FIELDS_MAX: usize = 8192;

/// The fields that a browser would send of a page's form of a draft.
fn fields_of(page: &Reply) -> usize {
    let form = page.text().split_once("<form id=\"compose\"").and_then(|(_, rest)| rest.split_once("</form>"));
    form.expect("a form").0.matches(" name=\"").count()
}

#[tokio::test]
async fn a_form_with_more_fields_than_are_read_is_refused_and_not_cut() {
    let (app, cookie) = posting().await;
    let form = carried(&app.get("/admin/incidents/new", &cookie).await);
    let typed = "title=Cloud+API+fails&status=investigating&impact=critical&text=We+look";
    let sent = |fields: usize| {
        let head = format!("{form}&{typed}&all.cloud-api=major_outage");
        let held = head.split('&').count() + 2;
        let cells: String = (held..fields).map(|number| format!("&in.s{number}.r=")).collect();
        format!("{head}{cells}&next_in=20&do=publish")
    };
    let before = app.node().board().version.total();
    let refused = app.post("/admin/incidents/new", &cookie, &sent(FIELDS_MAX + 1)).await;
    assert_eq!(refused.status, 413);
    assert!(refused.text().contains("more than 8192 fields"), "{}", refused.text());
    assert_eq!(app.node().board().version.total(), before, "nothing is published without its promise");
    let taken = app.post("/admin/incidents/new", &cookie, &sent(FIELDS_MAX)).await;
    assert_eq!(taken.status, 303, "{}", taken.text());
    assert!(app.node().board().open_incidents()[0].next_update_at.is_some());
}

#[tokio::test]
async fn a_form_of_a_large_catalog_holds_the_regions_of_what_is_opened() {
    let (app, cookie) = posting().await;
    let (services, regions) = (0..41, 0..100);
    let mut file =
        "[page]\nname = \"Large\"\nurl = \"https://status.example.com\"\ntime_zone = \"Etc/UTC\"\n".to_owned();
    for number in regions {
        file.push_str(&format!("[[region]]\ncode = \"r{number}\"\nname = \"Region {number}\"\n"));
    }
    for number in services {
        let head = format!("[[component]]\ncode = \"s{number}\"\nname = \"Service {number}\"\nplane = \"control\"\n");
        file.push_str(&format!("{head}regions = \"all\"\nsince = \"2024-01-01T00:00:00Z\"\n"));
    }
    app.publish(Command::ApplyCatalog(server::catalog_file::parse(&file).expect("a catalog"))).await;
    let form = app.get("/admin/incidents/new", &cookie).await;
    assert!(form.text().contains("name=\"all.s40\"") && !form.text().contains("name=\"in."), "{}", fields_of(&form));
    assert!(fields_of(&form) < FIELDS_MAX / 2, "{}", fields_of(&form));

    let typed = "title=It+fails&status=investigating&impact=major&text=We+look&next_in=20&all.s1=degraded_performance";
    let draft = format!("{}&{typed}", carried(&form));
    let opened = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=open.s7")).await;
    assert_eq!((opened.status.as_u16(), opened.text().matches("name=\"in.").count()), (200, 100));
    assert!(opened.text().contains("We look") && ConsoleApp::hidden(&opened, "open.s7") == "yes");
    assert_eq!(chosen(&opened, "all."), ["all.s1=degraded_performance"]);
    let draft = format!("{draft}&open.s7=yes&in.s7.r42=major_outage");
    let review = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=review")).await;
    assert_eq!((review.status.as_u16(), ConsoleApp::hidden(&review, "open.s7").as_str()), (200, "yes"));
    let published = app.post("/admin/incidents/new", &cookie, &format!("{draft}&do=publish")).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let board = app.node().board();
    let incident = board.open_incidents()[0].clone();
    assert_eq!((incident.affected().count(), incident.next_update_at.is_some()), (101, true));
}

#[tokio::test]
async fn two_clicks_at_once_publish_once_and_both_are_told_so() {
    const ROUNDS: usize = 12;
    let (app, cookie) = posting().await;
    let twice = async |path: &str, form: &str| {
        let form = format!("{form}&do=publish");
        let before = app.node().board().version.total();
        let (one, other) = tokio::join!(app.post(path, &cookie, &form), app.post(path, &cookie, &form));
        for reply in [&one, &other] {
            assert_eq!(reply.status, 303, "{}", reply.text());
        }
        assert_eq!(app.node().board().version.total(), before + 1, "published once");
        let said = [&one, &other].into_iter().find(|reply| reply.header("location").contains("?saved="));
        let there = app.get(said.expect("where it is saved").header("location"), &cookie).await;
        assert!(there.text().contains("id=\"saved\""), "{}", there.text());
        [one, other].map(|reply| reply.header("location").split('?').next().unwrap_or_default().to_owned())
    };
    for round in 0..ROUNDS {
        let form = carried(&app.get("/admin/incidents/new", &cookie).await);
        let report = "title=It+fails&status=investigating&impact=major&text=We+look&next_in=20&all.ocr=major_outage";
        let [path, other] = twice("/admin/incidents/new", &format!("{form}&{report}")).await;
        assert_eq!(path, other, "round {round}");
        let form = carried(&app.get(&path, &cookie).await);
        let update = "text=We+know&status=identified&next_in=20&in.ocr.ap-tokyo=degraded_performance";
        twice(&format!("{path}/updates"), &format!("{form}&{update}")).await;
    }
}

#[tokio::test]
async fn a_used_form_with_another_text_is_neither_dropped_nor_published_unseen() {
    let (app, cookie) = posting().await;
    let incident = app.open_incident().await;
    let path = format!("/admin/incidents/{incident}");
    let updates = format!("{path}/updates");
    let form = app.get(&path, &cookie).await;
    let (used, once) = (carried(&form), ConsoleApp::hidden(&form, "once"));
    let said = "status=identified&text=We+know&root_cause=A+file&next_in=20&in.cloud-api.ap-tokyo=degraded_performance";
    let send = async |fields: &str, wanted: &str| app.post(&updates, &cookie, &format!("{fields}&do={wanted}")).await;
    assert_eq!(send(&format!("{used}&{said}"), "publish").await.status, 303);
    let before = app.node().board().version.total();

    // The answer was lost, and the browser sends what it sent.
    for wanted in ["publish", "review"] {
        let again = send(&format!("{used}&{said}"), wanted).await;
        assert!(again.status == 303 && again.header("location").contains("?saved="), "{wanted}: {}", again.text());
    }
    // Or the operator goes on in that form.
    let others = [
        ("text=We+know", "text=It+is+over"),
        ("root_cause=A+file", "root_cause=Another+file"),
        ("status=identified", "status=monitoring"),
        ("next_in=20", "next_in="),
        ("in.cloud-api.ap-tokyo=degraded_performance", "in.cloud-api.ap-tokyo=operational"),
    ];
    for (from, to) in others {
        let typed = said.replace(from, to);
        for wanted in ["publish", "review"] {
            let reply = send(&format!("{used}&{typed}"), wanted).await;
            assert_eq!(reply.status, 409, "{to}, {wanted}: {}", reply.text());
            assert!(reply.text().contains("is published already, and this is another text"), "{}", reply.text());
            assert_ne!(ConsoleApp::hidden(&reply, "once"), once);
        }
    }
    let typed = said.replace("text=We+know", "text=It+is+nearly+over");
    let kept = send(&format!("{used}&{typed}"), "publish").await;
    assert!(kept.text().contains("It is nearly over"), "{}", kept.text());
    assert!(kept.text().contains("id=\"overtaken\""), "what was published meanwhile is shown with it");
    // Nothing else that a form is sent for is answered with a page of another.
    for (wanted, part) in
        [("edit", "It is nearly over"), ("propose", "id=\"proposed\""), ("preview", "It is nearly over")]
    {
        let helped = send(&format!("{used}&{typed}"), wanted).await;
        assert!(helped.status == 200 && helped.text().contains(part), "{wanted}: {}", helped.text());
        assert!(wanted == "preview" || ConsoleApp::hidden(&helped, "once") != once, "{wanted}");
    }
    assert_eq!(app.node().board().version.total(), before, "none of it is published");
    let second = send(&format!("{}&{typed}", carried(&kept)), "publish").await;
    assert!(second.status == 303 && second.header("location").contains("?saved="), "{}", second.text());
    let held = app.node().board().incident(incident).cloned().expect("held");
    let texts: Vec<&str> = held.updates.iter().rev().take(2).map(|update| update.text.default.as_str()).collect();
    assert_eq!(texts, ["It is nearly over", "We know"], "both stand");
}
