/*
 * Conversations of ten thousand messages stay smooth in both views: what a new message costs does not grow with what was
 * said before, nothing is lost or doubled on the way back to the beginning, and the reader's place holds. Times are
 * printed and never judged: machines differ.
 */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

/** How many messages are made up before the real ones. */
const BEFORE = 10_000;
/** What the gateway puts on a page of history. */
const PAGE = 100;
/** The console shows at most 300 entries; days, drafts and the button for more come on top. */
const ROWS_MAX = 320;

/** Numbers of the log in frames of either direction. */
const NUMBERS = ["sequence", "last", "after", "upto", "before", "target", "holds"];
const isNumber = (key) => NUMBERS.includes(key) || key.startsWith("read_by") || key.startsWith("received_by");

/** The same frame with every number of the log moved by `distance`. */
function shifted(value, distance) {
  if (Array.isArray(value)) return value.map((one) => shifted(one, distance));
  if (value === null || typeof value !== "object") return value;
  const moved = Object.entries(value).map(([key, inner]) => [
    key,
    isNumber(key) && Number.isInteger(inner) ? Math.max(0, inner + distance) : shifted(inner, distance),
  ]);
  return Object.fromEntries(moved);
}

/** The frames of one message of the gateway: each has a line of its own. */
const framesIn = (message) => message.split("\n").map((line) => JSON.parse(line));

/**
 * Stands between the console and the gateway and puts made-up messages before those of the real conversation, which goes
 * on: its numbers are moved, and pages from before it are answered here, in the gateway's own form.
 */
async function lengthen(page) {
  let template;
  const invented = (sequence) => ({
    ...template,
    sequence,
    at: template.at - (BEFORE - sequence + 1) * 20_000,
    message: null,
    // Rows of different heights, as people write.
    content: { text: { text: `Message ${sequence}.${" And more.".repeat((sequence % 5) * 6)}` } },
  });
  await page.routeWebSocket(/\/v1\/conversations\/.*\/socket/, (client) => {
    const gateway = client.connectToServer();
    gateway.onMessage((data) => {
      if (data === "pong") return client.send(data);
      const frames = framesIn(data).map((frame) => shifted(frame, BEFORE));
      const entries = frames.flatMap((frame) => frame.entries?.entries ?? frame.history?.entries ?? []);
      template ??= entries.find(({ content }) => content.text);
      client.send(frames.map((frame) => JSON.stringify(frame)).join("\n"));
    });
    client.onMessage((data) => {
      const before = data === "ping" ? undefined : JSON.parse(data).fetch_before?.before;
      if (before === undefined || before > BEFORE + 1) {
        return gateway.send(data === "ping" ? data : JSON.stringify(shifted(JSON.parse(data), -BEFORE)));
      }
      const first = Math.max(1, before - PAGE);
      const entries = Array.from({ length: before - first }, (_, index) => invented(first + index));
      client.send(JSON.stringify({ history: { after: first - 1, before, entries } }));
    });
  });
}

/** A number of the binary coding: seven bits in each byte, the lowest first. */
function varint(number) {
  const bytes = [];
  for (; number >= 0x80; number = Math.floor(number / 0x80)) bytes.push((number % 0x80) + 0x80);
  return [...bytes, number];
}

/** A frame of the gateway in the binary coding: the customer's messages after number `after` up to `upto`. */
function entriesFrame(after, upto, text) {
  const one = (sequence) => {
    const said = Buffer.from(text(sequence));
    // Its number, when, the customer, public, without an id, a text.
    return [...varint(sequence), ...varint(Date.now()), 0, 0, 0, 0, ...varint(said.length), ...said];
  };
  const numbered = Array.from({ length: upto - after }, (_, index) => after + 1 + index);
  return Buffer.from([1, ...varint(after), ...varint(upto), ...varint(numbered.length), ...numbered.flatMap(one)]);
}

/** Counts the nodes that come and go below an element from now on. */
const watch = (log) =>
  log.evaluate((element) => {
    element.touched = 0;
    element.watching = new MutationObserver((changes) => {
      for (const { type, addedNodes, removedNodes } of changes) {
        element.touched += type === "childList" ? addedNodes.length + removedNodes.length : 1;
      }
    });
    element.watching.observe(element, { childList: true, subtree: true, characterData: true });
  });

const touched = (log) =>
  log.evaluate((element) => {
    element.watching.disconnect();
    return element.touched;
  });

/** Waits, from now on, for this text to be put in. */
const expectDrawn = (log, text) =>
  log.evaluate((element, wanted) => {
    element.drawn = new Promise((resolve) => {
      const watching = new MutationObserver(() => {
        if (!element.lastElementChild.textContent.includes(wanted)) return;
        watching.disconnect();
        const from = performance.now();
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - from)));
      });
      watching.observe(element, { childList: true, subtree: true, characterData: true });
    });
  }, text);

/** How long it took from that change to the next picture, in milliseconds. */
const drawn = (log) => log.evaluate((element) => element.drawn);

const numbers = (log) =>
  log
    .locator(".bubble")
    .evaluateAll((bubbles) => bubbles.map((bubble) => Number(/^Message (\d+)\./.exec(bubble.textContent)?.[1])))
    .then((all) => all.filter((number) => !Number.isNaN(number)));

test("a console shows ten thousand messages, all of them and none twice, with few in the page", async ({ page, widget, desk }) => {
  test.setTimeout(180_000);
  const ana = await desk("ana");
  await lengthen(ana.page);
  await page.goto("/");
  await widget.start();
  const talk = await ana.accept(ANSWERS.name);
  const newest = talk.panel.getByRole("button", { name: /^Newest message|unread/ });

  await test.step("back to the beginning", async () => {
    const seen = new Set();
    let most = 0;
    let doubled = 0;
    // What fits needs no scrolling: there is a button.
    await talk.panel.getByRole("button", { name: "Earlier messages" }).click();
    await expect(talk.log.getByText(`Message ${BEFORE}.`)).toBeAttached();
    for (let steps = 0; !seen.has(1) && steps < 400; steps += 1) {
      const shown = await numbers(talk.log);
      expect(shown, "in order, without a gap").toEqual(shown.map((_, index) => shown[0] + index));
      doubled += shown.length - new Set(shown).size;
      shown.forEach((number) => seen.add(number));
      most = Math.max(most, await talk.log.locator("> *").count());
      if (shown[0] === 1) break;
      // Where the reader is stays in place while what is before is put in.
      const held = await talk.log.evaluate(async (log) => {
        log.scrollTop = 100;
        const row = [...log.querySelectorAll(".message")].find((one) => one.getBoundingClientRect().bottom > log.getBoundingClientRect().top);
        const before = row.getBoundingClientRect().top;
        const first = log.querySelector(".message .bubble").textContent;
        await new Promise((resolve) => {
          const look = () => (log.querySelector(".message .bubble").textContent === first ? requestAnimationFrame(look) : requestAnimationFrame(() => setTimeout(resolve)));
          look();
        });
        return row.isConnected ? Math.abs(row.getBoundingClientRect().top - before) : NaN;
      });
      expect(held, "the row in sight has not moved").toBeLessThanOrEqual(2);
    }
    expect(seen.size).toBe(BEFORE);
    expect(doubled).toBe(0);
    expect(most).toBeLessThanOrEqual(ROWS_MAX);
  });

  await test.step("a message that comes meanwhile waits, and is one press away", async () => {
    await widget.say("Are you still there?");
    await expect(newest).toContainText("1");
    await expect(talk.message("Are you still there?")).toHaveCount(0);
    await newest.click();
    await expect(talk.message("Are you still there?")).toBeInViewport();
    await expect(newest).toBeHidden();
    expect((await numbers(talk.log)).at(-1)).toBe(BEFORE);
  });

  await test.step("a new message touches few nodes", async () => {
    await widget.say("One more thing.");
    await expect(talk.message("One more thing.")).toBeInViewport();
    await watch(talk.log);
    await expectDrawn(talk.log, "And another.");
    await widget.say("And another.");
    await expect(talk.message("And another.")).toBeInViewport();
    console.log(`console: a new message behind ${BEFORE} others is drawn in ${(await drawn(talk.log)).toFixed(1)} ms`);
    expect(await touched(talk.log), "nodes that came and went").toBeLessThanOrEqual(30);
    expect(await talk.log.locator("> *").count()).toBeLessThanOrEqual(ROWS_MAX);
  });
});

test("a widget goes back through a long conversation and a new message touches few nodes", async ({ page, widget, desk }) => {
  test.setTimeout(120_000);
  const ana = await desk("ana");
  let address;
  ana.page.on("websocket", (socket) => {
    if (/conversations\/.*\/socket/.test(socket.url())) address = socket.url();
  });
  await page.goto("/");
  await widget.start();
  const talk = await ana.accept(ANSWERS.name);
  const written = 220;
  await ana.page.evaluate(
    ([url, count]) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url, "throughline.v1.json");
        let kept = 0;
        socket.onerror = reject;
        socket.onopen = () => socket.send(JSON.stringify({ hello: { token: null, holds: null } }));
        const heard = (frame) => {
          if (frame.welcome) {
            for (let number = 1; number <= count; number += 1) {
              const [random, end] = [crypto.randomUUID(), Date.now().toString(16).padStart(12, "0")];
              const message = `${end.slice(0, 8)}-${end.slice(8)}-7${random.slice(15)}`;
              const text = `Message ${number}.${" And more.".repeat((number % 5) * 6)}`;
              socket.send(JSON.stringify({ send: { message, visibility: "public", text } }));
            }
          }
          if (frame.refused) reject(new Error(JSON.stringify(frame)));
          if (frame.accepted && (kept += 1) === count) resolve(socket.close());
        };
        socket.onmessage = ({ data }) => data.split("\n").map((line) => JSON.parse(line)).forEach(heard);
      }),
    [address, written],
  );
  await expect(widget.message(`Message ${written}.`)).toBeInViewport();

  // After a reload the widget has the last page, and fetches those before it.
  await page.reload();
  await widget.expectOpen();
  await expect(widget.message(`Message ${written}.`)).toBeInViewport();
  const scroller = widget.frame.locator("#scroll");
  await expect(async () => {
    await scroller.evaluate((element) => (element.scrollTop = 0));
    await expect(widget.event("Conversation started")).toBeAttached({ timeout: 500 });
  }).toPass({ timeout: 30_000 });
  expect(await numbers(widget.log)).toEqual(Array.from({ length: written }, (_, index) => index + 1));

  await scroller.evaluate((element) => (element.scrollTop = element.scrollHeight));
  await watch(widget.log);
  await expectDrawn(widget.log, "That is all.");
  await talk.say("That is all.");
  await expect(widget.message("That is all.")).toBeInViewport();
  console.log(`widget: a new message behind ${written} others is drawn in ${(await drawn(widget.log)).toFixed(1)} ms`);
  expect(await touched(widget.log), "nodes that came and went").toBeLessThanOrEqual(10);
});

test("a widget holds ten thousand messages, and a new one touches few nodes", async ({ page, widget }) => {
  test.setTimeout(120_000);
  let gatewaySays;
  let madeUp = false;
  await page.routeWebSocket(/\/v1\/conversations\/.*\/socket/, (client) => {
    const gateway = client.connectToServer();
    gatewaySays = (frame) => client.send(frame);
    gateway.onMessage((data) => client.send(data));
    client.onMessage((data) => {
      if (!madeUp) gateway.send(data);
      else if (data === "ping") client.send("pong");
    });
  });
  await page.goto("/");
  await widget.start();
  await expect(widget.bubbles).toHaveCount(1);
  // What the widget says about a log that is made up is kept from the gateway, which would refuse it.
  madeUp = true;
  const text = (number) => `Message ${number}.${" And more.".repeat((number % 5) * 6)}`;
  const real = 20;
  gatewaySays(entriesFrame(0, real, text));
  for (let after = real; after < BEFORE; after += PAGE) {
    gatewaySays(entriesFrame(after, Math.min(after + PAGE, BEFORE), text));
  }
  await expect(widget.message(`Message ${BEFORE}.`)).toBeInViewport();
  const shown = await numbers(widget.log);
  expect(shown).toEqual(shown.map((_, index) => shown[0] + index));
  expect(shown.at(-1)).toBe(BEFORE);
  expect(shown[0]).toBeLessThanOrEqual(real);

  const more = 9;
  const times = [];
  await watch(widget.log);
  for (let number = BEFORE + 1; number <= BEFORE + more; number += 1) {
    await expectDrawn(widget.log, `Message ${number}.`);
    gatewaySays(entriesFrame(number - 1, number, text));
    // Nothing else looks through the page meanwhile.
    times.push(await drawn(widget.log));
    await expect(widget.message(`Message ${number}.`)).toBeInViewport();
  }
  const time = times.sort((one, other) => one - other)[(more - 1) / 2];
  console.log(`widget: a new message behind ${BEFORE} others is drawn in ${time.toFixed(1)} ms`);
  expect(await touched(widget.log), "nodes that came and went").toBeLessThanOrEqual(10 * more);

  const typed = await widget.composer.evaluate(async (composer) => {
    const from = performance.now();
    composer.value = "Hello";
    composer.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return performance.now() - from;
  });
  console.log(`widget: what is typed below ${BEFORE} messages is drawn in ${typed.toFixed(1)} ms`);

  // What was put away is there again for whoever goes back to it, and what they looked at stays where it was.
  const laidOut = () => widget.bubbles.evaluateAll((all) => all.filter((one) => one.checkVisibility()).length);
  expect(await laidOut()).toBeLessThanOrEqual(ROWS_MAX + PAGE);
  const moved = await widget.frame.locator("#scroll").evaluate(async (scroller) => {
    scroller.scrollTop = 40;
    const row = [...scroller.querySelectorAll(".row")].find((one) => one.checkVisibility());
    const before = row.getBoundingClientRect().top;
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return Math.abs(row.getBoundingClientRect().top - before);
  });
  expect(moved, "the row in sight has not moved").toBeLessThanOrEqual(2);
  expect(await laidOut()).toBe(await widget.bubbles.count());
  expect(await numbers(widget.log)).toEqual(Array.from({ length: BEFORE + more - shown[0] + 1 }, (_, index) => shown[0] + index));
});
