/* Point 4: one conversation on every page, in every tab and on the other site. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

/** No hand-over code stands in the address of this page. */
async function expectNoTrace(page) {
  expect(await page.evaluate(() => location.href)).not.toContain("~tl");
  expect(await page.evaluate(() => document.URL)).not.toContain("~tl");
}

async function handoverCode(page, target) {
  const code = await page.evaluate((origin) => window.throughline("handover", origin), target);
  expect(code).toMatch(/^[\w.-]{20,}$/);
  return code;
}

test("the next page and a reload show the same conversation, open as it was left", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await answer.say("Hello!");
  await expect(widget.message("Hello!")).toBeVisible();

  await page.getByRole("link", { name: "See the Morning Cup" }).click();
  await expect(page).toHaveURL(/cup\.html$/);
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "Hello!"]);
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "Hello!"]);
  await widget.say("Still me.");
  await expect(answer.bubbles).toHaveText([ANSWERS.message, "Hello!", "Still me."]);
  await widget.minimise();
  await page.goto("/teapot.html");
  await expect(widget.launcher).toHaveAttribute("aria-expanded", "false");
});

test("two tabs share the conversation live", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  const second = new Widget(await page.context().newPage());
  await second.page.goto("/teapot.html");
  await second.open();
  await expect(second.bubbles).toHaveText([ANSWERS.message]);

  await second.say("From the second tab.");
  await expect(widget.message("From the second tab.")).toBeVisible();
  await answer.say("Seen in both.");
  const all = [ANSWERS.message, "From the second tab.", "Seen in both."];
  await expect(widget.bubbles).toHaveText(all);
  await expect(second.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);
  await answer.composer.pressSequentially("And");
  await expect(widget.frame.getByText("Ana is typing")).toBeVisible();
  await expect(second.frame.getByText("Ana is typing")).toBeVisible();
});

test("five tabs share one socket, and any of them may be closed", async ({ page, desk }) => {
  const context = page.context();
  const sockets = new Set();
  const watch = (watched) =>
    watched.on("websocket", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
  watch(page);
  const ana = await desk("ana");
  const tabs = [new Widget(page)];
  await page.goto("/");
  await tabs[0].start();
  const answer = await ana.accept(ANSWERS.name);
  for (const path of ["/cup.html", "/teapot.html", "/basket.html", "/delivery.html"]) {
    const tab = new Widget(await context.newPage());
    watch(tab.page);
    await tab.page.goto(path);
    await tab.open();
    await expect(tab.bubbles).toHaveText([ANSWERS.message]);
    tabs.push(tab);
  }
  expect(sockets.size).toBe(1);

  const all = [ANSWERS.message];
  // The first tab leads; each time the leader goes, another takes its place.
  while (tabs.length > 1) {
    const last = tabs.at(-1);
    const text = `With ${tabs.length} tabs`;
    await last.say(text);
    await expect(last.message(text)).toContainText("Read");
    await answer.say(`Answer to ${tabs.length}`);
    all.push(text, `Answer to ${tabs.length}`);
    for (const tab of tabs) await expect(tab.bubbles).toHaveText(all);
    await tabs.shift().page.close();
  }
  await expect(answer.bubbles).toHaveText(all);
  await tabs[0].say("The last one.");
  await expect(answer.bubbles).toHaveText([...all, "The last one."]);
});

test("what the leading tab did not send is sent by the next, once", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  const second = new Widget(await page.context().newPage());
  await second.page.goto("/cup.html");
  await second.open();
  await expect(second.bubbles).toHaveText([ANSWERS.message]);
  await second.composer.fill("Written while the leader goes.");
  await Promise.all([page.close(), second.composer.press("Enter")]);
  await expect(second.message("Written while the leader goes.")).toContainText("Read");
  await expect(answer.bubbles).toHaveText([ANSWERS.message, "Written while the leader goes."]);
});

/** Lets a page fall asleep for the other tabs: what they say is heard when it wakes, and what it would say comes too late.
    Chromium puts no page to sleep by itself in a test, and to hold up one frame holds up those of the other tabs, which share
    its process. */
async function canFallAsleep(page) {
  await page.addInitScript(() => {
    const Channel = globalThis.BroadcastChannel;
    let asleep = false;
    const missed = [];
    globalThis.sleep = () => (asleep = true);
    globalThis.wake = () => {
      asleep = false;
      missed.splice(0).forEach((hear) => hear());
    };
    globalThis.BroadcastChannel = class extends Channel {
      postMessage(word) {
        if (!asleep) super.postMessage(word);
      }
      set onmessage(hear) {
        super.onmessage = (event) => (asleep ? missed.push(() => hear(event)) : hear(event));
      }
    };
  });
  const inEachFrame = (act) => Promise.all(page.frames().map((frame) => frame.evaluate(act)));
  return { sleep: () => inEachFrame(() => globalThis.sleep()), wake: () => inEachFrame(() => globalThis.wake()) };
}

test("a leading tab that has fallen asleep is replaced, and is in step when it wakes", async ({ page, widget, desk }) => {
  const first = await canFallAsleep(page);
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  const second = new Widget(await page.context().newPage());
  await second.page.goto("/cup.html");
  await second.open();
  await expect(second.bubbles).toHaveText([ANSWERS.message]);

  await first.sleep();
  // Whoever leads has the socket.
  const leads = second.page.waitForEvent("websocket");
  await second.say("Is anybody there?");
  // As when somebody turns to the tab: it makes sure that its link is well. Otherwise its heartbeats find out.
  for (const frame of second.page.frames()) {
    await frame.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  }
  await leads;
  await expect(second.message("Is anybody there?")).toContainText("Read");
  await answer.say("Yes.");
  const all = [ANSWERS.message, "Is anybody there?", "Yes."];
  await expect(second.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);

  await first.wake();
  await expect(widget.bubbles).toHaveText(all);
  await widget.say("The first tab is back.");
  await expect(second.bubbles).toHaveText([...all, "The first tab is back."]);
  await expect(answer.bubbles).toHaveText([...all, "The first tab is back."]);
});

test("browsers keep the two sites apart, so that only a hand-over can carry the conversation", async ({
  page, widget, house,
}) => {
  await page.goto("/");
  await widget.start();
  await page.goto(house.help);
  await widget.open();
  await expect(widget.name).toBeVisible();
  await expect(widget.bubbles).toHaveCount(0);
});

test("a link from the shop to the help centre takes the conversation along, and back", async ({
  page, widget, desk, house, picture,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await answer.say("Please look at our returns page.");
  await expect(widget.message("Please look at our returns page.")).toBeVisible();

  await page.getByRole("link", { name: "How returns work" }).click();
  await expect(page).toHaveURL(`${house.help}/returns.html`);
  await widget.expectOpen();
  const all = [ANSWERS.message, "Please look at our returns page."];
  await expect(widget.bubbles).toHaveText(all);
  await expectNoTrace(page);
  await picture(page, "help-centre-conversation");
  await widget.say("I am there.");
  await expect(answer.bubbles).toHaveText([...all, "I am there."]);

  await page.getByRole("link", { name: "Back to the shop" }).click();
  await expect(page).toHaveURL(`${house.shop}/`);
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([...all, "I am there."]);
  await expectNoTrace(page);
  await page.goBack();
  await expect(page).toHaveURL(`${house.help}/returns.html`);
  await expect(widget.bubbles).toHaveText([...all, "I am there."]);
  await expectNoTrace(page);
});

for (const [way, options] of [
  ["a click with Control", { modifiers: ["ControlOrMeta"] }],
  // The code must be there when the button is let go, and the machine that tries this may be busy.
  ["a click with the middle button", { button: "middle", delay: 500 }],
]) {
  test(`${way} takes the conversation into the new tab`, async ({ page, widget, house }) => {
    await page.goto("/");
    await widget.start();
    const opened = page.context().waitForEvent("page");
    const link = page.getByRole("link", { name: "How returns work" });
    const address = await link.getAttribute("href");
    await link.click({ delay: 150, ...options });
    const other = await opened;
    await expect(other).toHaveURL(`${house.help}/returns.html`);
    // A tab that a click opens may be there before the fixture has opened its shadow roots: the frame is found by its
    // address.
    const chat = () => other.frames().find((frame) => frame.url().startsWith(`${house.chat}/frame/`));
    const said = async () => (await chat()?.locator(".bubble").allInnerTexts())?.map((text) => text.trim());
    await expect.poll(said).toEqual([ANSWERS.message]);
    await expectNoTrace(other);
    await expect(link).toHaveAttribute("href", address);

    await chat().getByRole("textbox").fill("From the new tab.");
    await chat().getByRole("textbox").press("Enter");
    await expect(widget.bubbles).toHaveText([ANSWERS.message, "From the new tab."]);
  });
}

test("a fragment that was in the link is still there on the other side", async ({ page, widget, house }) => {
  await page.goto("/");
  await widget.start();
  await page.evaluate((address) => {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = "Step by step";
    document.querySelector("main").prepend(link);
  }, `${house.help}/returns.html?from=shop#steps`);
  await page.getByRole("link", { name: "Step by step" }).click();
  await expect(page).toHaveURL(`${house.help}/returns.html?from=shop#steps`);
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
});

test("a page that hides where its visitors come from takes the conversation along all the same", async ({
  page, widget, house,
}) => {
  await page.goto("/");
  await widget.start();
  await page.evaluate(() => {
    const meta = document.createElement("meta");
    meta.name = "referrer";
    meta.content = "no-referrer";
    document.head.append(meta);
  });
  const link = page.getByRole("link", { name: "How returns work" });
  await link.click({ delay: 150 });
  await expect(page).toHaveURL(`${house.help}/returns.html`);
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
});

for (const delay of [0, 150]) {
  test(`a link that says noreferrer takes the conversation along, clicked for ${delay} ms`, async ({
    page, widget, house,
  }) => {
    await page.goto("/");
    await widget.start();
    const link = page.getByRole("link", { name: "How returns work" });
    await link.evaluate((link) => (link.rel = "noopener noreferrer"));
    await link.click({ delay });
    await expect(page).toHaveURL(`${house.help}/returns.html`);
    await expect(widget.bubbles).toHaveText([ANSWERS.message]);
  });
}

test.describe("codes that do not hold", () => {
  test.use({ expectedErrors: /the server responded with a status of 4\d\d .*\/v1\/handovers\/redeem$/ });

  /** Arrives with a code, by a link from the shop or from another page, and finds the form, as anybody would. */
  async function expectNothingStarts(visitor, site, code, referer) {
    await visitor.page.goto(`${site}/#~tl=${code}`, { referer });
    await visitor.open();
    await expect(visitor.name).toBeVisible();
    await expect(visitor.bubbles).toHaveCount(0);
    await expectNoTrace(visitor.page);
    expect(await visitor.page.evaluate(() => localStorage.length)).toBe(0);
  }

  test("a code works once", async ({ page, widget, house, profile }) => {
    await page.goto("/");
    await widget.start();
    const code = await handoverCode(page, house.help);
    const first = new Widget(await profile());
    const referer = `${house.shop}/`;
    await first.page.goto(`${house.help}/#~tl=${code}`, { referer });
    await first.open();
    await expect(first.bubbles).toHaveText([ANSWERS.message]);
    await expectNothingStarts(new Widget(await profile()), house.help, code, referer);
  });

  test("a code for one site starts nothing on another", async ({ page, widget, house, profile }) => {
    await page.goto("/");
    await widget.start();
    const code = await handoverCode(page, house.help);
    await expectNothingStarts(new Widget(await profile()), house.shop, code, `${house.shop}/`);
  });

  test("a code in a link on a third page leads nobody into the conversation", async ({ page, widget, house, profile }) => {
    await page.goto("/");
    await widget.start();
    for (const referer of [undefined, "https://elsewhere.example/", `${house.help}/`]) {
      const code = await handoverCode(page, house.help);
      await expectNothingStarts(new Widget(await profile()), house.help, code, referer);
    }
  });

  test("an invented code starts nothing, and leaves what is there alone", async ({ page, widget, house, profile }) => {
    const referer = `${house.shop}/`;
    await expectNothingStarts(new Widget(await profile()), house.help, "0.AAAAAAAAAAAAAAAAAAAAAA", referer);
    await page.goto("/");
    await widget.start();
    await page.goto(`/cup.html#~tl=0.AAAAAAAAAAAAAAAAAAAAAA`);
    await widget.expectOpen();
    await expect(widget.bubbles).toHaveText([ANSWERS.message]);
    await expectNoTrace(page);
  });
});
