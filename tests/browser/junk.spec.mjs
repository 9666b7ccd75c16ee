/* What a page, or whoever else finds its window, throws at the tag and at the frame breaks neither. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

// What is no message is dropped where it is taken apart, and a code that is none is refused.
test.use({ expectedErrors: /TypeError|SyntaxError|status of 4\d\d .*\/v1\/(handovers|widgets)/ });

/** Runs in a page: keeps the ports that the tag makes, by which it talks to the frame. */
function keepPorts() {
  window.channels = [];
  const Original = window.MessageChannel;
  window.MessageChannel = class extends Original {
    constructor() {
      super();
      window.channels.push(this);
    }
  };
}

/** Runs in a page: everything that no tag and no frame ever says. */
function junk() {
  const long = "x".repeat(300_000);
  const values = [null, undefined, 0, -1, NaN, 2 ** 60, 7n, true, "", "throughline", long, [], {}, [[]], new Date(), new Map([["init", 1]]), new ArrayBuffer(9)];
  const names = ["init", "shown", "handover", "launcher", "code", "unread", "nothing", "__proto__", "constructor", "toString", long, 0, null];
  const messages = names.flatMap((name) => values.map((value) => [name, value, value, value]));
  return [...values, ...messages];
}

test("junk from the page, from another site and on the ports, and the chat goes on", async ({
  page, widget, desk, house,
}) => {
  await page.addInitScript(keepPorts);
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await answer.say("Before the storm.");
  await expect(widget.message("Before the storm.")).toBeVisible();

  // From the page itself: to its own window, to the frame, and on the port between the tag and the frame, both ways.
  const thrown = await page.evaluate(`(() => {
    const messages = (${junk})();
    const frame = document.querySelector("throughline-chat").shadowRoot.querySelector("iframe").contentWindow;
    for (const message of messages) {
      window.postMessage(message, "*");
      frame.postMessage(message, "*");
      frame.postMessage("throughline", "*", [new MessageChannel().port2]);
      const [{ port1 }] = window.channels;
      port1.postMessage(message);
      // As if the frame had said it. What is thrown then is thrown at the page that did this.
      try {
        port1.onmessage({ data: message });
      } catch {}
    }
    return messages.length;
  })()`);
  expect(thrown).toBeGreaterThan(200);

  // From another site, which found the window.
  const opened = page.waitForEvent("popup");
  await page.evaluate((address) => void window.open(address), house.help);
  const stranger = await opened;
  await stranger.waitForLoadState();
  await stranger.evaluate(`(() => {
    for (const message of (${junk})()) {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (window.answered = true);
      window.opener.postMessage("throughline", "*", [port2]);
      window.opener.postMessage(message, "*");
    }
  })()`);
  expect(await stranger.evaluate(() => window.answered), "nobody talks to a stranger").toBeUndefined();
  await stranger.close();

  await widget.expectOpen();
  await widget.say("Still here?");
  await expect(answer.message("Still here?")).toBeVisible();
  await answer.say("Still here.");
  const all = [ANSWERS.message, "Before the storm.", "Still here?", "Still here."];
  await expect(widget.bubbles).toHaveText(all);
  await widget.minimise();
  await widget.open();
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText(all);
});
