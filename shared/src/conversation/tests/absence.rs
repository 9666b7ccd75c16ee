//! Both sides hear that the other is gone, and why it came to an end.

use alloc::vec;

use super::*;
use crate::protocol::live::{Absence, Content, EndedBy, Standing};

const CUSTOMER: Sender = Sender::Customer;

fn connect(conversation: &mut Conversation, number: u8) -> Vec<Effect> {
    let connection = connection(number);
    conversation.handle(at(1), Command::Connect { sender: CUSTOMER, connection }).unwrap()
}

fn disconnect(conversation: &mut Conversation, number: u8) -> Vec<Effect> {
    let connection = connection(number);
    conversation.handle(at(10), Command::Disconnect { sender: CUSTOMER, connection }).unwrap()
}

fn is(absence: Option<Absence>) -> Command {
    Command::Notice(Notice::RepresentativeIs { representative: ANA, absence })
}

fn told_to(side: Side, absence: Option<Absence>) -> Vec<Effect> {
    let frame = absence.map_or(ServerFrame::Returned, |absence| ServerFrame::Gone { until: absence.until });
    vec![Effect::Broadcast { side, frame }]
}

fn gone() -> Absence {
    Absence { since: at(10), until: at(10).after(Span::from_secs(150)) }
}

#[test]
fn the_staff_hear_at_once_that_the_customers_last_socket_is_gone_and_that_they_are_back() {
    let mut conversation = with_ana();
    assert_eq!(connect(&mut conversation, 1), told_to(Side::Staff, None));
    assert_eq!(connect(&mut conversation, 2), vec![]);
    assert_eq!(disconnect(&mut conversation, 1), vec![], "another tab is open");
    let absence = Some(Absence { since: at(10), until: at(10).after(GRACE) });
    let frame = ServerFrame::Gone { until: at(10).after(GRACE) };
    assert_eq!(disconnect(&mut conversation, 2), told_to(Side::Staff, absence));
    assert!(conversation.greeting(None, Side::Staff).unwrap().contains(&frame));
    assert!(!conversation.greeting(None, Side::Customer).unwrap().contains(&frame));
    assert_eq!(connect(&mut conversation, 3), told_to(Side::Staff, None));
    assert_eq!(conversation.absence(Side::Staff), None);
}

#[test]
fn an_end_because_of_absence_says_so_to_both() {
    let mut conversation = with_ana();
    connect(&mut conversation, 1);
    disconnect(&mut conversation, 1);
    conversation.handle(at(10).after(GRACE), Command::Tick).unwrap();
    for side in [Side::Customer, Side::Staff] {
        assert_eq!(conversation.standing(side), Standing::Ended { by: EndedBy::Absence });
        let last = seen_by(side, &conversation).entries.pop().unwrap();
        assert_eq!(last.content, Content::Ended { by: EndedBy::Absence });
        assert_eq!(conversation.absence(side), None, "nobody is waited for any more");
    }
}

#[test]
fn the_customer_hears_that_the_representative_is_gone_and_back() {
    let mut conversation = with_ana();
    let notice = is(Some(gone()));
    assert_eq!(conversation.handle(at(10), notice.clone()).unwrap(), told_to(Side::Customer, Some(gone())));
    assert_eq!(conversation.handle(at(11), notice).unwrap(), vec![], "once");
    let absence = Some(gone());
    let frame = ServerFrame::Gone { until: gone().until };
    assert!(conversation.greeting(None, Side::Customer).unwrap().contains(&frame));
    assert_eq!(conversation.handle(at(12), is(None)).unwrap(), told_to(Side::Customer, None));
    let other = Notice::RepresentativeIs { representative: BEN, absence };
    assert_eq!(conversation.handle(at(13), Command::Notice(other)).unwrap(), vec![], "not who has it");
}

#[test]
fn who_did_not_come_back_in_time_leaves_with_the_reason_and_is_waited_for_no_longer() {
    let unassigned = || Command::Notice(Notice::Unassigned { representative: ANA });
    let left =
        |conversation: &Conversation| seen_by(Side::Customer, conversation).entries.pop().unwrap().content;
    let mut conversation = with_ana();
    conversation.handle(at(10), is(Some(gone()))).unwrap();
    let effects = conversation.handle(at(20), unassigned()).unwrap();
    assert!(told(&effects, Side::Customer).contains(&ServerFrame::Returned));
    assert_eq!((left(&conversation), conversation.absence(Side::Customer)), (Content::Lost, None));
    // Who gives it back has only left.
    let mut conversation = with_ana();
    conversation.handle(at(20), unassigned()).unwrap();
    assert_eq!(left(&conversation), Content::Left);
}
