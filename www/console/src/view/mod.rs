//! What is seen. Each file is a part of the screen; [`desk`] puts them together.

mod bar;
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
mod panel;
mod presence;
mod rail;
mod transcript;
mod work_list;
