//! What is seen. Each file is a part of the screen; [`desk`] puts them together.

mod amend;
mod ask;
mod asking;
mod bar;
mod choose;
mod company;
mod composer;
mod conversation;
pub(crate) mod desk;
mod details;
mod dialog;
mod ending;
pub(crate) mod entrance;
mod home;
mod icon;
mod notices;
mod offers;
mod other_presence;
mod overview;
mod panel;
mod presence;
mod rail;
mod transcript;
mod trial;
mod why;
mod work_list;
