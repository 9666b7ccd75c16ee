/* The beginning of a conversation, where answers get lost, tabs are in each other's way and sessions run out. */
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

/** Submits the form; the gateway does what it is asked for, and nobody hears of it. */
async function submitInVain({ page, widget }) {
  await page.goto("/");
  await widget.open();
  await widget.fillForm();
  await widget.firstMessage.evaluate(() => {
    const { fetch } = window;
    window.fetch = async (path, options) => {
      const answer = await fetch(path, options);
      if (path !== "/v1/conversations") return answer;
      window.fetch = fetch;
      throw new TypeError("The answer is lost.");
    };
  });
  await widget.startButton.click();
  await expect(widget.frame.getByText("We cannot be reached right now.")).toBeVisible();
}

test.describe("the answer to the form is lost", () => {
  async function expectOneConversation({ widget, desk }, texts) {
    const ana = await desk("ana");
    await expect(ana.offers.getByRole("group")).toHaveCount(1);
    const answer = await ana.accept(ANSWERS.name);
    await expect(answer.bubbles).toHaveText(texts);
    await expect(widget.bubbles).toHaveText(texts);
    await expect(ana.offers.getByRole("group")).toHaveCount(0);
    await expect(ana.open.getByRole("listitem")).toHaveCount(0);
  }

  test("the same answers again make no second conversation and no second message", async ({ page, widget, desk }) => {
    await submitInVain({ page, widget });
    await widget.startButton.click();
    await expectOneConversation({ widget, desk }, [ANSWERS.message]);
  });

  test("another text makes no second conversation, and both texts are in it", async ({ page, widget, desk }) => {
    await submitInVain({ page, widget });
    await widget.firstMessage.fill("And where is my receipt?");
    await widget.startButton.click();
    await expectOneConversation({ widget, desk }, [ANSWERS.message, "And where is my receipt?"]);
  });

  test("after a reload the same visitor goes on in the conversation that was begun", async ({ page, widget, desk }) => {
    await submitInVain({ page, widget });
    await page.reload();
    await widget.start({ message: "Once more: where is it?" });
    await expectOneConversation({ widget, desk }, [ANSWERS.message, "Once more: where is it?"]);
  });
});

test("two tabs that submit at once make one conversation with what was written in both", async ({
  page, widget, desk,
}) => {
  const ana = await desk("ana");
  const texts = ["From the first tab.", "From the second tab."];
  await page.goto("/");
  await widget.open();
  await widget.fillForm({ ...ANSWERS, message: texts[0] });
  const second = new Widget(await page.context().newPage());
  await second.page.goto("/");
  await second.open();
  await second.fillForm({ ...ANSWERS, message: texts[1] });
  // By hand only one of them can be in front.
  await Promise.all([widget, second].map((tab) => tab.startButton.evaluate((button) => button.click())));
  const answer = await ana.accept(ANSWERS.name);
  await expect(answer.bubbles).toHaveCount(2);
  for (const side of [answer, widget, second]) {
    for (const text of texts) await expect(side.message(text)).toBeVisible();
    await expect(side.bubbles).toHaveCount(2);
  }
  await expect(ana.offers.getByRole("group")).toHaveCount(0);
  await expect(ana.open.getByRole("listitem")).toHaveCount(0);
});

test("a form that was answered before says nothing in a conversation that another tab has begun since", async ({
  page, widget, desk,
}) => {
  const ana = await desk("ana");
  await submitInVain({ page, widget });
  const first = await ana.accept(ANSWERS.name);
  await expect(first.bubbles).toHaveText([ANSWERS.message]);
  await first.end();
  await first.close();

  const second = new Widget(await page.context().newPage());
  await second.page.goto("/");
  await second.open();
  await second.fillForm({ ...ANSWERS, message: "From the second tab." });
  // The second tab asks first, and the gateway hears of it when both have submitted.
  await second.firstMessage.evaluate(() => {
    const { fetch } = window;
    const allowed = new Promise((resolve) => (window.allow = resolve));
    window.fetch = async (path, options) => {
      if (path === "/v1/conversations") await allowed;
      return fetch(path, options);
    };
  });
  await second.startButton.evaluate((button) => button.click());
  await widget.startButton.evaluate((button) => button.click());
  await second.consent.evaluate(() => window.allow());
  const next = await ana.accept(ANSWERS.name);
  for (const side of [second, widget, next]) await expect(side.bubbles).toHaveText(["From the second tab."]);
  await expect(ana.offers.getByRole("group")).toHaveCount(0);
});

test.describe("a session that no longer holds", () => {
  test.use({ expectedErrors: CUT_OFF });

  test("what was not sent in it stands in the form, also after a reload", async ({ page, widget, house }) => {
    await page.goto("/");
    await widget.start();
    await house.kill();
    await widget.say("Are you still there?");
    await widget.say("Hello?");
    await expect(widget.message("Hello?")).toContainText("Sending…");
    // A house in which nothing has happened yet, and no session begun.
    await house.renew();
    await expect(widget.firstMessage).toHaveValue("Are you still there?\nHello?", { timeout: 30_000 });
    await expect(widget.frame.getByText("Your earlier conversation is no longer available here.")).toBeVisible();
    await page.reload();
    await expect(widget.firstMessage).toHaveValue("Are you still there?\nHello?");
    await widget.name.fill(ANSWERS.name);
    await widget.topic.selectOption(ANSWERS.topic);
    await widget.consent.check();
    await widget.startButton.click();
    await expect(widget.bubbles).toHaveText(["Are you still there?\nHello?"]);
  });
});

test("what the page says before and after the tag has loaded chooses the queue and is read at the desk", async ({
  page, widget, desk, house, administrator,
}) => {
  await administrator.changeSettings(({ workstreams: [workstream] }) => {
    const displayable = (name, kind) => ({ name, kind, displayable: true });
    workstream.variables = [displayable("tier", "text"), displayable("order", "number"), displayable("due", "boolean")];
    const when = {
      all: [
        { field: "context.order", more_than: 16 },
        { field: "context.due", equals: true },
        { field: "channel.page", ends_with: "/cup.html?from=mail" },
      ],
    };
    const returns = workstream.routes.find(({ name }) => name === "Returns").queues;
    workstream.routes.unshift({ name: "Large orders", when, queues: returns });
  });
  await page.addInitScript(() => {
    if (window !== top) return;
    window.throughline = function () {
      (throughline.q = throughline.q || []).push(arguments);
    };
    throughline("context", { tier: "tin", due: true, ["n".repeat(101)]: 1, long: "x".repeat(4001), object: {} });
  });
  const ana = await desk("ana");
  await page.goto("/cup.html?from=mail#there");
  await widget.open();
  await widget.fillForm();
  await page.evaluate(() => throughline("context", { tier: "gold ☕", order: 17 }));
  await widget.startButton.click();
  const offer = ana.offer(ANSWERS.name);
  await expect(offer).toContainText("Returns & repairs");
  for (const text of ["gold ☕", "17", "yes"]) await expect(offer).toContainText(text);
  await expect(offer).not.toContainText("tin");
});
