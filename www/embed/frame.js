/*
 * The first script of the chat frame: shakes hands with the script tag and starts the widget.
 *
 * The frame asks for a port; the tag answers with one end of a message channel. Only the page that embeds the frame is
 * listened to, and its origin, as the browser tells it, is the site for which everything else is asked. Which sites may
 * embed the frame at all is said by its Content-Security-Policy (frame-ancestors).
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

const [[tag, site]] = await Promise.all([port, start({ module_or_path: document.getElementById("wasm").href })]);
const widget = new Widget(location.pathname.split("/").pop(), site);
attach(tag, (what, number, text, bytes) => widget.tell(what, number ?? 0, text, bytes));
