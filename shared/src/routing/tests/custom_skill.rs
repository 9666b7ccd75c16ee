//! Custom skill match: the item says which skill is needed (reference section 16.5).

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::histories::with_skills;
use super::house::{House, conversation, line, usual};
use crate::condition::Condition;
use crate::form::Answer;
use crate::id::SkillId;
use crate::routing::Command;
use crate::settings::{AssignmentRule, AssignmentRuleset, CustomSkill, Method, Settings};

/// In the second queue the first rule asks for the skill that the item names, rated so high at least; with `looser`, a second
/// rule finds anybody.
fn by_named_skill(settings: &mut Settings, at_least: Option<u16>, looser: bool) {
    with_skills(settings);
    (settings.skills[0].name, settings.skills[1].name) = (line("French"), line("Spanish"));
    let rule = |custom_skill| AssignmentRule {
        name: line("Rule"),
        when: Condition::default(),
        any_presence: false,
        any_skills: false,
        custom_skill,
        order_by: vec![],
    };
    let named = CustomSkill { field: "context.language".parse().unwrap(), at_least };
    let mut rules = vec![rule(Some(named))];
    rules.extend(looser.then(|| rule(None)));
    let ruleset = AssignmentRuleset { name: line("All"), when: Condition::default(), rules };
    settings.queues[1].method = Method::Custom(vec![ruleset]);
}

fn house(at_least: Option<u16>, looser: bool) -> House {
    let mut house = House::with(|settings| by_named_skill(settings, at_least, looser));
    house.connect(1).connect(2).connect(3);
    house
}

fn arrive(house: &mut House, number: u8, language: &str) -> Option<u8> {
    let mut arrival = super::house::arrival(number, 1, "other");
    arrival.context = vec![Answer { name: "language".into(), value: language.into() }];
    house.does(Command::Arrive(arrival));
    house.offered_to(number)
}

#[test]
fn an_item_goes_to_whoever_has_the_skill_that_it_names() {
    let mut house = house(None, false);
    // The first knows French at 3, the second French at 80 of 100 and Spanish at 3, the third Spanish at 5 and French at 1.
    assert_eq!(arrive(&mut house, 1, "Spanish"), Some(2));
    assert_eq!(arrive(&mut house, 2, "Spanish"), Some(3));
    assert_eq!(arrive(&mut house, 3, "French"), Some(1));
    let id: SkillId = house.settings.skills[0].id;
    assert_eq!(arrive(&mut house, 4, &std::format!("{id}")), Some(2), "the id of a skill names it too");
}

#[test]
fn the_named_skill_must_be_rated_high_enough() {
    let mut house = house(Some(4), false);
    assert_eq!(arrive(&mut house, 1, "Spanish"), Some(3), "5 of 5");
    assert_eq!(arrive(&mut house, 2, "French"), Some(2), "80 of 100 is more than 4 of 5 on the common scale");
    let mut house = self::house(Some(5), false);
    assert_eq!(arrive(&mut house, 1, "French"), None, "3 of 5, 80 of 100, and 1 of 5");
}

#[test]
fn an_item_that_names_no_skill_is_found_nobody_until_a_looser_rule() {
    let mut strict = house(None, false);
    for (number, language) in [(1, "french"), (2, "Klingon"), (3, "")] {
        assert_eq!(arrive(&mut strict, number, language), None, "{language}");
        let explained = strict.router.explain(conversation(number)).unwrap();
        let hindrances: Vec<String> =
            explained.people.into_iter().filter_map(|person| person.hindrance).map(|it| it.why).collect();
        assert!(hindrances[0].contains("context.language"), "{hindrances:?}");
    }
    let mut loose = house(None, true);
    assert!(arrive(&mut loose, 1, "Klingon").is_some());
}

#[test]
fn more_known_about_an_item_names_another_skill() {
    let mut house = house(None, false);
    assert_eq!(arrive(&mut house, 1, "Klingon"), None);
    let context = vec![Answer { name: "language".into(), value: "Spanish".into() }];
    house.does(Command::Reclassify { conversation: conversation(1), context, skills: vec![] });
    assert_eq!(house.offered_to(1), Some(2));
}

#[test]
fn a_custom_skill_that_cannot_be_is_refused_with_its_path() {
    let faults = |change: &dyn Fn(&mut CustomSkill)| {
        let mut settings = usual();
        by_named_skill(&mut settings, None, false);
        if let Method::Custom(rulesets) = &mut settings.queues[1].method {
            change(rulesets[0].rules[0].custom_skill.as_mut().unwrap());
        }
        let faults = settings.check().err().map(|error| error.faults).unwrap_or_default();
        faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
    };
    let path = "queues[1].method.custom[0].rules[0].custom_skill";
    assert_eq!(faults(&|_| {}), Vec::<String>::new());
    for field in ["representative.name", "conversation.created", "contact.nothing", "time.weekday"] {
        let found = faults(&|custom| custom.field = field.parse().unwrap());
        assert_eq!(found, [std::format!("{path}.field")], "{field}");
    }
    assert_eq!(faults(&|custom| custom.at_least = Some(101)), [std::format!("{path}.at_least")]);
}
