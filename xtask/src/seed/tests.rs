//! How names become ids, and what a file that is not in order is told.

use shared::file::FileKind;
use shared::form::Answer;
use shared::id::ConversationId;
use shared::protocol::insight::Verdict;
use shared::routing::{Arrival, Command, Router};
use shared::settings::{Channel, Settings, SettingsVersion, Workstream, WrapUp};
use shared::time::{Span, Timestamp};

use super::names::Names;
use super::plan::{AccountIds, Organisation};

const FILE: &str = r##"organisation = "Test"

[[accounts]]
name = "root"
full_name = "Rae Root"
role = "administrator"

[[representatives]]
account = "ana"
full_name = "Ana Lindqvist"
public_name = "Ana"
capacity = 100
default_presence = "available"

[[queues]]
name = "Orders"
priority = 1
members = [
    "ana",
]

[[workstreams]]
name = "Chat"
allowed_presences = ["available"]
cost = 50
routes = []
fallback = "Orders"
offer_timeout = "60s"
offers_per_representative = 3
wrap_up = { blocks_for = "2 min" }

[[widgets]]
name = "Site"
workstream = "Chat"
title = "Chat"
subtitle = "Now"
accent = "#2f6b4f"
corner = "bottom_end"
sites = ["https://example.com"]
form = { questions = [] }
customer_grace = 180000
"##;

fn organisation(text: &str) -> Organisation {
    Organisation::parse("file.toml", text.to_owned()).unwrap()
}

fn settings(text: &str) -> Settings {
    organisation(text).check().unwrap()
}

/// What is said about the file with `old` replaced by `new`.
fn complaint(old: &str, new: &str) -> String {
    assert!(FILE.contains(old));
    let organisation = Organisation::parse("file.toml", FILE.replace(old, new));
    organisation.and_then(|organisation| organisation.check()).unwrap_err().to_string()
}

#[test]
fn a_name_stands_for_the_id_of_the_thing_that_bears_it() {
    let settings = settings(FILE);
    let (ana, orders, chat) = (&settings.representatives[0], &settings.queues[0], &settings.workstreams[0]);
    assert_eq!(orders.members, [ana.id]);
    assert_eq!(chat.fallback, orders.id);
    assert_eq!(settings.widgets[0].workstream, chat.id);
    // A full name and an id do as well.
    assert_eq!(
        self::settings(&FILE.replace("    \"ana\",", "    \"Ana Lindqvist\",")).queues[0].members,
        [ana.id]
    );
    assert_eq!(
        self::settings(&FILE.replace("    \"ana\",", &format!("    \"{}\",", ana.id))).queues[0].members,
        [ana.id]
    );
}

#[test]
fn the_same_file_gives_the_same_ids_and_another_name_another() {
    let one = settings(FILE);
    assert_eq!(one, settings(FILE));
    let other = settings(&FILE.replace("\"Orders\"", "\"Sales\""));
    assert_ne!(one.queues[0].id, other.queues[0].id);
    assert_eq!(one.workstreams[0].id, other.workstreams[0].id);
    // A queue and a workstream of one name are two things.
    let alike = settings(&FILE.replace("\"Chat\"", "\"Orders\""));
    assert_ne!(alike.queues[0].id.as_bytes(), alike.workstreams[0].id.as_bytes());
}

#[test]
fn what_the_gateway_has_keeps_its_id() {
    let written = "0197a000-0000-7000-8000-00000000000";
    let accounts = |id: &str| AccountIds::from([("ana".to_owned(), id.to_owned())]);
    let mut before =
        organisation(FILE).resolve(&accounts(&format!("{written}1")), &Settings::default()).unwrap();
    before.queues[0].id = format!("{written}2").parse().unwrap();
    before.workstreams[0].fallback = before.queues[0].id;
    let after = organisation(FILE).resolve(&accounts(&format!("{written}1")), &before).unwrap();
    assert_eq!(after, before);
    // Somebody who was there need not be named by their account.
    let unnamed = FILE.replace("account = \"ana\"\n", "").replace("    \"ana\",", "    \"Ana Lindqvist\",");
    assert_eq!(organisation(&unnamed).resolve(&AccountIds::new(), &before).unwrap(), before);
    // An id in the file wins.
    let with_id = FILE.replace("name = \"Orders\"", &format!("id = \"{written}3\"\nname = \"Orders\""));
    let changed = organisation(&with_id).resolve(&accounts(&format!("{written}1")), &before).unwrap();
    assert_eq!(changed.queues[0].id, format!("{written}3").parse().unwrap());
    assert_eq!(changed.workstreams[0].fallback, changed.queues[0].id);
}

#[test]
fn accounts_are_found_whatever_the_case_of_their_names() {
    let id = "0197a000-0000-7000-8000-000000000001";
    let accounts = AccountIds::from([("ana".to_owned(), id.to_owned())]);
    let settings = organisation(&FILE.replace("\"ana\"", "\"Ana\"")).resolve(&accounts, &Settings::default());
    assert_eq!(settings.unwrap().representatives[0].id, id.parse().unwrap());
}

#[test]
fn a_length_of_time_has_a_unit_or_is_in_milliseconds() {
    let settings = settings(FILE);
    assert_eq!(settings.workstreams[0].offer_timeout, Span::from_secs(60));
    assert_eq!(settings.workstreams[0].wrap_up, WrapUp::BlocksFor(Span::from_secs(120)));
    assert_eq!(settings.widgets[0].customer_grace, Span::from_secs(180));
    for (text, millis) in [("15000 ms", 15_000), ("90s", 90_000), ("12 h", 43_200_000), ("1d", 86_400_000)] {
        let settings =
            self::settings(&FILE.replace("customer_grace = 180000", &format!("customer_grace = '{text}'")));
        assert_eq!(settings.widgets[0].customer_grace, Span::from_millis(millis));
    }
    for text in ["", "s", "1", "1 week", "-1 s", "1.5 h", "99999999999999999999 s"] {
        let said = complaint("customer_grace = 180000", &format!("customer_grace = '{text}'"));
        assert!(
            said.starts_with("file.toml:41: widgets[0].customer_grace: Write a length of time as"),
            "{said}"
        );
    }
}

#[test]
fn an_unknown_name_is_told_with_those_that_there_are() {
    let said = complaint("fallback = \"Orders\"", "fallback = \"Odrers\"");
    assert_eq!(
        said,
        "file.toml:27: workstreams[0].fallback: There is no queue named Odrers. There are: Orders."
    );
    let said = complaint("    \"ana\",", "    \"ana\", \"bob\",\n    \"eve\",");
    let expected = "file.toml:19: queues[0].members[1]: There is no representative named bob. There are: Ana Lindqvist, ana.\n\
                    file.toml:20: queues[0].members[2]: There is no representative named eve. There are: Ana Lindqvist, ana.";
    assert_eq!(said, expected);
}

#[test]
fn an_unknown_field_is_a_fault() {
    let said = complaint("priority = 1", "priority = 1\nprioritty = 2");
    assert!(
        said.starts_with(
            "file.toml:18: queues[0].prioritty: There is no such field here. There are: id, name"
        ),
        "{said}"
    );
    let said = complaint("organisation = \"Test\"", "organisation = \"Test\"\nqueue = 1");
    assert!(said.starts_with("file.toml:2: queue: There is no such field here."), "{said}");
    let said = complaint("role = \"administrator\"", "role = \"administrator\"\npassword = \"secret\"");
    assert!(said.starts_with("file.toml:7: accounts[0].password: There is no such field here."), "{said}");
}

#[test]
fn faults_stand_with_their_line_and_path() {
    for (old, new, said) in [
        ("priority = 1\n", "", "file.toml:15: queues[0]: `priority` is missing."),
        (
            "priority = 1",
            "priority = -1",
            "file.toml:17: queues[0].priority: invalid value: integer `-1`, expected u16",
        ),
        (
            "priority = 1",
            "priority = 'high'",
            "file.toml:17: queues[0].priority: invalid type: string \"high\", expected u16",
        ),
        (
            "[\"available\"]",
            "[\"available\", \"asleep\"]",
            "file.toml:24: workstreams[0].allowed_presences[1]: `asleep` is not possible here. Write one of: available, busy, do_not_disturb, away, offline, inactive",
        ),
        (
            "{ blocks_for = \"2 min\" }",
            "{ blocks = 1 }",
            "file.toml:30: workstreams[0].wrap_up.blocks: `blocks` is not possible here. Write one of: always_blocks, blocks_for, never_blocks.",
        ),
        (
            "{ blocks_for = \"2 min\" }",
            "4",
            "file.toml:30: workstreams[0].wrap_up: Write one of: always_blocks, blocks_for, never_blocks.",
        ),
        (
            "name = \"Orders\"\n",
            "",
            "file.toml:15: queues[0].id: Give this a name or an id.\nfile.toml:15: queues[0]: `name` is missing.",
        ),
        (
            "account = \"ana\"\n",
            "",
            "file.toml:8: representatives[0]: Give an `account`: the name to sign in with.",
        ),
        (
            "role = \"administrator\"",
            "role = \"boss\"",
            "file.toml:6: accounts[0].role: `boss` is not possible here. Write one of: representative, supervisor, administrator.",
        ),
        // What the settings themselves find wrong.
        (
            "#2f6b4f",
            "green",
            "file.toml:37: widgets[0].accent: Write the colour as # and six hexadecimal digits, such as #2457d6.",
        ),
    ] {
        let complaint = complaint(old, new);
        // A list of what is possible may grow.
        assert!(complaint.starts_with(said), "{complaint}");
    }
}

#[test]
fn a_rule_that_can_never_match_is_a_warning_with_its_line() {
    let route = |name: &str| format!("{{ name = '{name}', queues = [{{ queue = 'Orders' }}] }},\n");
    let text = FILE.replace("routes = []", &format!("routes = [\n{}{}]", route("All"), route("Too late")));
    let organisation = organisation(&text);
    let warnings = organisation.warnings(&organisation.check().unwrap());
    assert_eq!(
        warnings,
        [
            "file.toml:28: workstreams[0].routes[1]: This rule can never match: workstreams[0].routes[0] always matches before it."
        ]
    );
}

#[test]
fn a_condition_calls_things_by_their_names() {
    let rule = "routes = [{ name = 'R', when = { field = 'conversation.queue', in = ['Orders', 'Odrers'] }, queues = [{ queue = 'Orders' }] }]";
    let said = complaint("routes = []", rule);
    let expected = "file.toml:26: workstreams[0].routes[0].when.in[1]: There is no queue named Odrers. There are: Orders.";
    assert_eq!(said, expected);
    let settings = settings(&FILE.replace("routes = []", &rule.replace(", 'Odrers'", "")));
    let text = serde_json::to_string(&settings.workstreams[0].routes[0].when).unwrap();
    assert!(text.contains(&settings.queues[0].id.to_string()), "{text}");
}

#[test]
fn two_things_of_a_kind_have_two_names() {
    let queue = "[[queues]]\nname = \"Orders\"\npriority = 2\nmembers = [\"ana\"]\n\n[[workstreams]]";
    let said = complaint("[[workstreams]]", queue);
    assert!(said.contains("queues[1].id: There is another queue named Orders. Names are unique."), "{said}");
}

#[test]
fn json_does_as_well_as_toml() {
    let value: toml::Value = toml::from_str(FILE).unwrap();
    let text = serde_json::to_string(&value).unwrap();
    let read = Organisation::parse("file.json", text).unwrap().check().unwrap();
    assert_eq!(read, settings(FILE));
    let error = format!("{:#}", Organisation::parse("file.json", "{".to_owned()).unwrap_err());
    assert!(
        error.starts_with("file.json cannot be read.: EOF") && error.contains("line 1 column 1"),
        "{error}"
    );
    let error = format!("{:#}", Organisation::parse("file.toml", "a = ".to_owned()).unwrap_err());
    assert!(error.contains("line 1, column"), "{error}");
    assert!(Organisation::parse("file.yaml", String::new()).is_err());
}

/// What no organisation can have: the system alone gives it.
const NEVER: [(&str, &str); 2] = [("Presence", "inactive"), ("BasePresence", "inactive")];

#[test]
fn the_example_shows_everything_that_can_be_configured() {
    let text = include_str!("../../examples/organisation.toml");
    let names = Names::default();
    let organisation = organisation(text);
    let settings = organisation.resolved_by(&names, &AccountIds::new()).unwrap();
    // It has rules for records, which nothing fills yet.
    let warnings = organisation.warnings(&settings);
    assert!(
        warnings.iter().all(|warning| warning.contains("no contacts, accounts or cases")),
        "{warnings:?}"
    );
    let comments: String =
        text.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment).collect();
    let is_named = |what| comments.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == what);
    let missing: Vec<_> = names
        .never_met()
        .into_iter()
        .filter(|(of, what)| *what != "id" && !NEVER.contains(&(*of, *what)) && !is_named(*what))
        .map(|(of, what)| format!("{of}: {what}"))
        .collect();
    assert_eq!(missing, [""; 0], "show these in xtask/examples/organisation.toml");
}

#[test]
fn every_kind_of_work_of_the_example_goes_to_a_queue_for_it() {
    let settings = settings(include_str!("../../examples/organisation.toml"));
    let mut router = Router::default();
    let now = Timestamp::from_millis(1_767_225_600_000);
    let configure = Command::Configure { version: SettingsVersion(1), settings: Box::new(settings.clone()) };
    router.handle(now, configure).unwrap();
    let arrives = |workstream: &Workstream, context: &[(&str, &str)]| {
        let answer = |(name, value): &(&str, &str)| Answer { name: (*name).into(), value: (*value).into() };
        let context = context.iter().map(answer).collect();
        let arrival = Arrival { context, ..Arrival::new(ConversationId::from_u128(1), workstream.id) };
        match router.decide(now, None, arrival).unwrap().verdict {
            Verdict::TakenIn(explained) => explained.queue_name.unwrap(),
            Verdict::TurnedAway { queue_name, action, .. } => format!("{action:?} at {queue_name}"),
        }
    };
    let all: Vec<_> =
        settings.workstreams.iter().map(|of| (of.name.as_str(), of.channel, arrives(of, &[]))).collect();
    let all: Vec<_> = all.iter().map(|(name, channel, queue)| (*name, *channel, queue.as_str())).collect();
    assert_eq!(
        all,
        [
            ("Website chat", Channel::Chat, "General questions"),
            ("Customer area", Channel::Chat, "General questions"),
            ("Text messages", Channel::Sms, "General questions"),
            ("Messengers", Channel::Social, "Messengers"),
            ("Calls", Channel::Voice, "Calls"),
            ("Cases", Channel::Record, "Cases"),
        ]
    );
    let texts = &settings.workstreams[2];
    assert_eq!(arrives(texts, &[("message", "Where is my order?")]), "Orders");
}

#[test]
fn files_are_taken_where_widget_and_workstream_both_take_them() {
    let text = include_str!("../../examples/organisation.toml");
    let mut settings = settings(text);
    let paths = |settings: &Settings| -> Vec<String> {
        let faults = settings.check().err().map(|error| error.faults).unwrap_or_default();
        faults.into_iter().map(|fault| fault.path).collect()
    };
    assert_eq!(paths(&settings), [""; 0]);
    // The widget says 10 MB, its workstream 20.
    assert_eq!(settings.files_of(&settings.widgets[0]).max_bytes, 10_000_000);
    let workstream = settings.workstreams[0].files.as_mut().unwrap();
    (workstream.max_bytes, workstream.customers) = (5_000_000, false);
    let left = settings.files_of(&settings.widgets[0]);
    assert_eq!((left.max_bytes, left.customers, left.staff), (5_000_000, false, true));
    let workstream = settings.workstreams[0].files.as_mut().unwrap();
    (workstream.max_bytes, workstream.kinds) = (0, vec![FileKind::Text, FileKind::Text]);
    assert_eq!(paths(&settings), ["workstreams[0].files.max_bytes", "workstreams[0].files.kinds[1]"]);
    let workstream = settings.workstreams[0].files.as_mut().unwrap();
    (workstream.max_bytes, workstream.kinds) = (1, vec![FileKind::Text]);
    settings.widgets[0].files.kinds = vec![FileKind::Image];
    assert_eq!(paths(&settings), ["widgets[0].files.kinds"]);
}

#[test]
fn what_changes_is_told_by_name() {
    let (before, mut after) = (settings(FILE), settings(FILE));
    after.organisation = "Other".to_owned();
    after.queues[0].priority = 7;
    after.widgets.clear();
    let mut stream = after.workstreams[0].clone();
    stream.id = "0197a000-0000-7000-8000-000000000001".parse().unwrap();
    after.workstreams.push(stream);
    let value = |settings: &Settings| serde_json::to_value(settings).unwrap();
    let lines = super::change::describe(&value(&before), &value(&after));
    assert_eq!(
        lines,
        [
            "organisation: now Other",
            "queues: changed Orders (priority)",
            "widgets: gone Site",
            "workstreams: new Chat",
        ]
    );
    assert_eq!(super::change::describe(&value(&before), &value(&before)), [""; 0]);
}
