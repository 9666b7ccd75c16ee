/*
 * The first script of the chat frame: shakes hands with the script tag and starts the widget.
 *
 * The frame asks for a port; the tag answers with one end of a message channel. Only the page that embeds the frame is
 * listened to, and its origin, as the browser tells it, is the site for which everything else is asked. Which sites may
 * embed the frame at all is said by its Content-Security-Policy (frame-ancestors).
 *
 * If the widget does not load, the frame says so and can be tried again. It does so without any script after a while, in
 * case that it is this one that did not load.
 */
import start, { Widget } from "glue";
import { attach, browser } from "./browser.js";

globalThis.browser = browser;

const port = new Promise((resolve) => {
  addEventListener("message", (event) => {
    if (event.source === parent && event.data === "throughline" && event.ports[0]) {
      resolve([event.ports[0], event.origin]);
    }
  });
});
// Nothing secret is said here; who answers is checked above, and once more by the tag.
parent.postMessage("throughline", "*");

const loaded = start(fetch(document.getElementById("wasm").href));
loaded.catch(() => (document.getElementById("late").className = "now"));
const [[tag, site]] = await Promise.all([port, loaded]);
const widget = new Widget(location.pathname.split("/").pop(), site);
// What the page says may be anything, and a text that is none would be written beside its place in the widget's memory.
attach(tag, (what, number, text, bytes) => widget.tell(what, number ?? 0, text?.toString(), bytes));
