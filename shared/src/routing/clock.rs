//! What time alone does to work: it is closed when nobody touches it for too long (reference section 21.3), and rules
//! apply when somebody does not answer (section 21.4).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::book::Book;
use super::by_id::ById;
use super::effect::SessionEnd;
use super::turn::Turn;
use super::work::{Lapse, Silence, Stage, WorkItem};
use crate::condition::{Field, Value};
use crate::conversation::Notice;
use crate::id::{ConversationId, WorkstreamId};
use crate::protocol::live::EndedBy;
use crate::settings::{
    AutoClose, ChannelClass, Limit, Silent, TimeOutAction, TimeOutRule, Workstream, nearest,
};
use crate::time::{Span, Timestamp};

const MINUTE: u64 = 60;
const DAY: u64 = 24 * 60 * MINUTE;

/// How long an item of this channel lasts in this stage where nothing else is said; none if for ever.
fn usual(channel: ChannelClass, stage: &Stage) -> Option<Span> {
    let minutes = |minutes: u64| Some(Span::from_secs(minutes * MINUTE));
    let days = |days: u64| Some(Span::from_secs(days * DAY));
    let (open, active, waiting, wrap_up) = match channel {
        ChannelClass::LiveChat => (minutes(20), None, None, minutes(15)),
        ChannelClass::PersistentChat => (days(30), None, days(28), days(1)),
        ChannelClass::Asynchronous => (days(30), days(30), days(28), days(1)),
        ChannelClass::Voice => (days(30), minutes(120), None, days(1)),
        // They last until they are resolved.
        ChannelClass::Record => (None, None, None, None),
    };
    match stage {
        Stage::Open => open,
        Stage::Active(_) => active,
        Stage::Waiting(_) => waiting,
        Stage::WrapUp(_) => wrap_up,
        // An offer runs out by itself.
        Stage::Offered(_) => None,
    }
}

/// What of the settings decides how long things last.
#[derive(Default, PartialEq)]
struct Pace {
    channel: ChannelClass,
    limits: AutoClose,
    /// Who may be silent for how long before a rule applies.
    silences: Vec<(Silent, Span)>,
}

impl Pace {
    /// That of this workstream; the usual one if it is gone.
    fn of(workstream: Option<&Workstream>) -> Self {
        let Some(Workstream { sessions, .. }) = workstream else { return Self::default() };
        let silences = sessions.time_outs.iter().map(|rule| (rule.silent, rule.after)).collect();
        Self { channel: sessions.channel, limits: sessions.auto_close, silences }
    }

    /// When an item is closed if nobody touches it.
    fn closes(&self, item: &WorkItem) -> Option<Timestamp> {
        let limit = match item.stage {
            Stage::Offered(_) => return None,
            Stage::Open => self.limits.open,
            Stage::Active(_) => self.limits.active,
            Stage::Waiting(_) => self.limits.waiting,
            Stage::WrapUp(_) => self.limits.wrap_up,
        };
        let lasts = match limit {
            Limit::Usual => usual(self.channel, &item.stage),
            Limit::Never => None,
            Limit::After(span) => Some(span),
        };
        let closes = item.touched.after(lasts?);
        // A wrap-up that holds capacity for longer lasts for longer.
        let frees = match &item.stage {
            Stage::WrapUp(finishing) => finishing.frees,
            _ => None,
        };
        Some(closes.max(frees.unwrap_or(closes)))
    }

    /// After which time the next rule applies to a silence.
    fn next(&self, silence: &Silence) -> Option<Span> {
        let of_them = self.silences.iter().filter(|(silent, _)| *silent == silence.of);
        of_them
            .map(|(_, after)| *after)
            .filter(|after| silence.served.is_none_or(|served| *after > served))
            .min()
    }

    /// Sets when something is done with this item if nothing happens to it.
    fn wind(&self, item: &mut WorkItem) {
        item.closes = self.closes(item);
        if let Some(silence) = &mut item.silence {
            // More than the time must have passed.
            silence.due =
                self.next(silence).map(|after| silence.since.after(after).after(Span::from_millis(1)));
        }
    }

    /// Begins the wait for somebody's answer, where representatives can step out, or ends it.
    fn listen(&self, item: &mut WorkItem, of: Silent, now: Timestamp) {
        let counts = self.channel.can_wait() && matches!(item.stage, Stage::Active(_));
        item.silence = counts.then_some(Silence { of, since: now, served: None, due: None });
    }
}

/// What a rule does for this item: what it says it says in the customer's language, as far as it can.
fn said_to(item: &WorkItem, rule: &TimeOutRule) -> TimeOutAction {
    let locale = match item.facts.get(&Field::Locale) {
        Some(Value::Text(locale)) => locale.as_str(),
        _ => "",
    };
    match (&rule.action, nearest(&rule.translations, locale)) {
        (TimeOutAction::Say(_), Some(text)) => TimeOutAction::Say(text.clone()),
        (action, _) => action.clone(),
    }
}

impl Turn<'_> {
    /// Sets when something is done with an item that nothing happens to.
    pub(super) fn wind(&self, item: &mut WorkItem) {
        Pace::of(self.book.workstreams.get(&item.workstream)).wind(item);
    }

    /// Something is done with an item: its time begins anew.
    pub(super) fn touch(&mut self, conversation: ConversationId) {
        let now = self.now;
        let pace = Pace::of(self.workstream_of(conversation));
        self.change_item(conversation, |item| {
            item.touched = now;
            pace.wind(item);
        });
    }

    /// An item comes to another stage. Gives the one before.
    pub(super) fn enter(&mut self, conversation: ConversationId, stage: Stage) -> Option<Stage> {
        self.enter_and(conversation, stage, |_| ())
    }

    /// The same, with what changes together with the stage.
    pub(super) fn enter_and(
        &mut self,
        conversation: ConversationId,
        stage: Stage,
        change: impl FnOnce(&mut WorkItem),
    ) -> Option<Stage> {
        let now = self.now;
        let pace = Pace::of(self.workstream_of(conversation));
        self.change_item(conversation, |item| {
            change(item);
            let before = core::mem::replace(&mut item.stage, stage);
            (item.changed, item.touched) = (now, now);
            // From the assignment on it is the representative who is to write.
            pace.listen(item, Silent::Representative, now);
            pace.wind(item);
            before
        })
    }

    /// Somebody has written: now the other side is to.
    pub(super) fn heard(&mut self, conversation: ConversationId, next: Silent) {
        let now = self.now;
        let pace = Pace::of(self.workstream_of(conversation));
        self.change_item(conversation, |item| {
            item.touched = now;
            pace.listen(item, next, now);
            pace.wind(item);
        });
    }

    /// The settings are new: every item lasts as long as they say. The index is made anew afterwards.
    pub(super) fn wind_after(&mut self, former: &ById<WorkstreamId, Workstream>) {
        let Book { items, workstreams, .. } = &mut *self.book;
        let ids: BTreeSet<_> = former.keys().chain(workstreams.keys()).collect();
        let paces = ids.iter().map(|id| (id, Pace::of(former.get(id)), Pace::of(workstreams.get(id))));
        let changed = paces.filter(|(_, old, new)| old != new).map(|(id, _, new)| (*id, new));
        let paces: BTreeMap<_, _> = changed.collect();
        // To look at everything takes long, and hardly any change is about time.
        if !paces.is_empty() {
            items.change_all(|_, item| {
                if let Some(pace) = paces.get(&item.workstream) {
                    pace.wind(item);
                }
            });
        }
    }

    /// Time has passed for an item: does what is due first.
    pub(super) fn item_due(&mut self, conversation: ConversationId) {
        let Some((_, lapse)) = self.book.items.get(&conversation).and_then(|item| item.next_lapse()) else {
            return;
        };
        match lapse {
            Lapse::Offer(offer) => self.offer_lapsed(conversation, offer, SessionEnd::TimedOut),
            Lapse::Search => self.search_over(conversation),
            Lapse::Freed => self.free_wrap_up(conversation),
            Lapse::Silence => self.silence_over(conversation),
            Lapse::Overflow => self.overflow(conversation),
            Lapse::Closes => self.untouched_for_too_long(conversation),
        }
    }

    fn untouched_for_too_long(&mut self, conversation: ConversationId) {
        let calls = self
            .workstream_of(conversation)
            .is_some_and(|workstream| workstream.sessions.channel == ChannelClass::Voice);
        let active =
            self.book.items.get(&conversation).is_some_and(|item| matches!(item.stage, Stage::Active(_)));
        if calls && active {
            self.wrap_up(conversation, SessionEnd::CallTimedOut);
            self.notify(conversation, Notice::Ended { by: EndedBy::System });
        } else {
            self.cut_off(conversation, SessionEnd::AutoClosed);
        }
    }

    /// Somebody has not written for too long: the next rule applies.
    fn silence_over(&mut self, conversation: ConversationId) {
        let Some(item) = self.book.items.get(&conversation) else { return };
        let (Some(silence), Some(representative)) = (item.silence, item.owner()) else { return };
        let pace = Pace::of(self.workstream_of(conversation));
        let Some(after) = pace.next(&silence) else { return };
        // Rules of one time apply in their order, as far as there is still a silence to apply them to.
        let together = self.workstream_of(conversation).map(|workstream| &workstream.sessions.time_outs);
        let together = together.into_iter().flatten();
        let together: Vec<_> = together
            .filter(|rule| (rule.silent, rule.after) == (silence.of, after))
            .map(|rule| said_to(item, rule))
            .collect();
        self.change_item(conversation, |item| {
            if let Some(silence) = &mut item.silence {
                silence.served = Some(after);
            }
            pace.wind(item);
        });
        let reason = match silence.of {
            Silent::Customer => SessionEnd::CustomerSilent,
            Silent::Representative => SessionEnd::RepresentativeSilent,
        };
        for action in together {
            let goes_on = self.book.items.get(&conversation).is_some_and(|item| item.silence.is_some());
            if !goes_on {
                return;
            }
            match action {
                TimeOutAction::Say(text) => {
                    self.notify(conversation, Notice::Say { representative, text });
                }
                TimeOutAction::Close => self.cut_off(conversation, reason),
                TimeOutAction::Wait => self.step_out(conversation, reason),
                TimeOutAction::Release => self.put_back(conversation, reason),
            }
        }
    }

    /// The workstream of an item, if both are there.
    pub(super) fn workstream_of(&self, conversation: ConversationId) -> Option<&Workstream> {
        self.look().workstream_of(conversation)
    }
}
