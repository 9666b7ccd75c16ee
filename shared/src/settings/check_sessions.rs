//! Whether presences, capacity profiles and the rules of sessions hold together.

use alloc::format;

use super::check::Faults;
use super::{
    BasePresence, Channel, ChannelClass, ConsultRules, Distribution, Limit, Presence, Representative,
    SessionRules, Settings, TimeOutAction, TimeOutRule, Workstream,
};
use crate::hours::WallClock;
use crate::id::CapacityProfileId;
use crate::time::Span;

const DAY: Span = Span::from_secs(24 * 3600);
const YEAR: Span = Span::from_secs(365 * 24 * 3600);

impl Settings {
    /// Checks what the other checks leave.
    pub(super) fn check_sessions(&self, faults: &mut Faults) {
        faults.unique("presences", self.presences.iter().map(|presence| presence.id));
        faults.unique("profiles", self.profiles.iter().map(|profile| profile.id));
        for (index, presence) in self.presences.iter().enumerate() {
            faults.require(
                presence.base != BasePresence::Inactive,
                || format!("presences[{index}].base"),
                "Inactive is only given by the system. Choose another.",
            );
        }
        for (index, profile) in self.profiles.iter().enumerate() {
            faults.require(
                profile.limit >= 1,
                || format!("profiles[{index}].limit"),
                "A profile has room for 1 item at least.",
            );
        }
        for (index, representative) in self.representatives.iter().enumerate() {
            self.check_held(faults, &format!("representatives[{index}]"), representative);
        }
        for (index, workstream) in self.workstreams.iter().enumerate() {
            let path = format!("workstreams[{index}]");
            self.check_charge(faults, &path, workstream);
            check_channel(faults, &path, workstream);
            check_rules(faults, &format!("{path}.sessions"), &workstream.sessions);
        }
        self.check_desk(faults);
    }

    fn check_held(&self, faults: &mut Faults, path: &str, representative: &Representative) {
        let held = &representative.profiles;
        faults.unique(&format!("{path}.profiles"), held.iter().map(|held| held.profile));
        for (index, held) in held.iter().enumerate() {
            faults.require(
                self.has_profile(held.profile),
                || format!("{path}.profiles[{index}].profile"),
                "There is no such capacity profile.",
            );
        }
        faults.require(
            self.has_presence(representative.default_presence),
            || format!("{path}.default_presence"),
            "There is no such presence.",
        );
    }

    fn check_charge(&self, faults: &mut Faults, path: &str, workstream: &Workstream) {
        if let Some(profile) = workstream.profile {
            self.check_profile(faults, &format!("{path}.profile"), profile);
            faults.require(
                workstream.cost.0 == 0,
                || format!("{path}.cost"),
                "Work is counted in units or in a profile, not in both. Set the cost to 0 or remove the profile.",
            );
        }
        for (index, presence) in workstream.allowed_presences.iter().enumerate() {
            faults.require(
                self.has_presence(*presence),
                || format!("{path}.allowed_presences[{index}]"),
                "There is no such presence.",
            );
            let is_made_up = matches!(presence, Presence::Custom(_));
            let away = presence.base(self.presences.iter()) >= BasePresence::Offline;
            faults.require(
                !(is_made_up && away),
                || format!("{path}.allowed_presences[{index}]"),
                "This presence stands for Offline, which cannot be offered work. Remove it.",
            );
        }
    }

    /// A profile of which work takes a place must be there, and somebody must have it.
    pub(super) fn check_profile(&self, faults: &mut Faults, path: &str, profile: CapacityProfileId) {
        faults.require(self.has_profile(profile), || path.into(), "There is no such capacity profile.");
        let has = |representative: &Representative| {
            representative.profiles.iter().any(|held| held.profile == profile)
        };
        faults.require(
            self.representatives.iter().any(has),
            || path.into(),
            "No representative has this capacity profile. Give it to one, or nobody is ever offered work.",
        );
    }

    fn check_desk(&self, faults: &mut Faults) {
        faults.require(
            self.desk.presence_grace <= Span::from_secs(3600),
            || "desk.presence_grace".into(),
            "A representative may be gone for 60 minutes at most.",
        );
        faults.require(
            self.desk.day_ends < DAY,
            || "desk.day_ends".into(),
            "A day ends less than 24 hours after midnight.",
        );
        let zone = self.desk.time_zone.as_deref().is_none_or(|zone| WallClock::of_zone(zone).is_some());
        faults.require(zone, || "desk.time_zone".into(), super::check_queue::NO_SUCH_ZONE);
        faults.require(
            (1..=100).contains(&self.desk.most_sessions),
            || "desk.most_sessions".into(),
            "A representative can have 1 to 100 sessions open.",
        );
    }

    fn has_profile(&self, id: CapacityProfileId) -> bool {
        self.profiles.iter().any(|profile| profile.id == id)
    }

    fn has_presence(&self, presence: Presence) -> bool {
        match presence {
            Presence::Custom(id) => self.presences.iter().any(|custom| custom.id == id),
            _ => true,
        }
    }
}

/// The channel says how its sessions run; of a chat it is for the settings to say.
fn check_channel(faults: &mut Faults, path: &str, workstream: &Workstream) {
    let message = match workstream.channel {
        Channel::Chat => {
            "The channel is chat. Its sessions are live_chat or persistent_chat: write one of them."
        }
        Channel::Sms | Channel::Social => {
            "Customers answer on this channel when they like. Its sessions are asynchronous: write that."
        }
        Channel::Voice => "The channel is voice. Its sessions are voice too: write that.",
        Channel::Record => "The channel is record. Its sessions are record too: write that.",
    };
    let fits = workstream.channel.fits(workstream.sessions.channel);
    faults.require(fits, || format!("{path}.sessions.channel"), message);
}

fn check_rules(faults: &mut Faults, path: &str, rules: &SessionRules) {
    let limits = [
        ("open", rules.auto_close.open),
        ("active", rules.auto_close.active),
        ("waiting", rules.auto_close.waiting),
        ("wrap_up", rules.auto_close.wrap_up),
    ];
    for (name, limit) in limits {
        let fits = match limit {
            Limit::After(span) => span >= Span::from_secs(60) && span <= YEAR,
            Limit::Usual | Limit::Never => true,
        };
        faults.require(
            fits,
            || format!("{path}.auto_close.{name}"),
            "Work is closed by itself after 1 minute to 365 days.",
        );
    }
    let channel = rules.channel;
    // Reference section 13.
    faults.require(
        channel != ChannelClass::Voice || rules.distribution == Distribution::Push,
        || format!("{path}.distribution"),
        "Calls cannot wait to be picked. Let the system offer them (push).",
    );
    for (index, rule) in rules.time_outs.iter().enumerate() {
        faults.require(
            channel.can_wait(),
            || format!("{path}.time_outs[{index}]"),
            "Time-out rules are for persistent chats and asynchronous channels. Remove the rule or change the channel.",
        );
        faults.require(
            rule.after >= Span::from_secs(1) && rule.after <= YEAR,
            || format!("{path}.time_outs[{index}].after"),
            "A rule applies after 1 second to 365 days.",
        );
        faults.require(
            rule.translations.is_empty() || matches!(rule.action, TimeOutAction::Say(_)),
            || format!("{path}.time_outs[{index}].translations"),
            "This rule says nothing, so there is nothing to translate. Remove the texts.",
        );
    }
    check_order_of_time_outs(faults, &format!("{path}.time_outs"), &rules.time_outs);
    check_consult(faults, path, rules.consult);
}

/// Whatever closes a conversation, sets it aside or gives it back ends the silence: nothing is left to later rules.
fn check_order_of_time_outs(faults: &mut Faults, path: &str, rules: &[TimeOutRule]) {
    for (index, rule) in rules.iter().enumerate() {
        let mut before = rules.iter().enumerate().filter(|(place, other)| {
            other.silent == rule.silent && (other.after, *place) < (rule.after, index)
        });
        if let Some((place, _)) = before.find(|(_, other)| !matches!(other.action, TimeOutAction::Say(_))) {
            let message = format!("This rule can never apply: {path}[{place}] ends the silence before it.");
            faults.doubt(format!("{path}[{index}]"), message);
        }
    }
}

fn check_consult(faults: &mut Faults, path: &str, consult: ConsultRules) {
    faults.require(
        (1..=20).contains(&consult.most),
        || format!("{path}.consult.most"),
        "1 to 20 can be consulted at once.",
    );
    faults.require(
        consult.search >= Span::from_secs(5) && consult.search <= Span::from_secs(3600),
        || format!("{path}.consult.search"),
        "The system looks for a consultant for 5 seconds to 60 minutes.",
    );
}
