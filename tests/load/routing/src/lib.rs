//! The house of the routing bench, the same code, as wasm. It reads no clock: on workerd time stands still while a
//! request is served, so whoever asks takes the time of the whole request.

#![allow(clippy::unwrap_used, missing_docs)] // a bench may stop

#[path = "../../../../shared/benches/routing/house.rs"]
mod house;

use std::cell::RefCell;

use house::{House, Size};
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static HOUSE: RefCell<Option<House>> = const { RefCell::new(None) };
}

fn with<T>(act: impl FnOnce(&mut House) -> T) -> T {
    HOUSE.with_borrow_mut(|house| act(house.as_mut().unwrap()))
}

/// Opens a house of this size; the one before is gone.
#[wasm_bindgen]
pub fn open(representatives: u32, waiting: u32, skills: bool) {
    HOUSE.set(None);
    let mut house = House::new(Size { representatives, waiting, skills });
    house.fill(waiting);
    HOUSE.set(Some(house));
}

/// Everybody leaves their desk. Their customers leave, and as many new ones come.
#[wasm_bindgen]
pub fn leave() {
    with(|house| house.everybody().for_each(|number| house.leave_desk(number)));
}

/// One after the other comes back and is offered as much as they can take. Gives how many offers that made.
#[wasm_bindgen]
pub fn come() -> u32 {
    with(|house| {
        let offers = house.everybody().map(|number| {
            let effects = house.come_back(number);
            house.follow(effects)
        });
        offers.sum()
    })
}

/// So many customers leave, each before their offer was answered, and as many come.
#[wasm_bindgen]
pub fn replace(rounds: u32) {
    with(|house| (0..rounds).for_each(|_| house.replace()));
}

/// So many customers are served, and as many come.
#[wasm_bindgen]
pub fn serve(rounds: u32) {
    with(|house| (0..rounds).for_each(|_| house.serve()));
}

/// Other settings come, and everything that waits is looked at again.
#[wasm_bindgen]
pub fn configure() {
    with(|house| {
        let settings = house.other_settings();
        let effects = house.configure(settings);
        house.follow(effects);
    });
}
