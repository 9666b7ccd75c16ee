/* Point 2: who is offered a conversation, when, and what becomes of the offer. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

const NOBODY = "Nobody is available right now.";
const CONNECTING = "We are connecting you with somebody.";

test("a representative signs in, gets the offer with all that matters, and accepts it", async ({
  page, widget, desk, picture,
}) => {
  const ana = await desk("ana");
  await ana.expectPresence("Available", "0/100");
  await expect(ana.open).toContainText("Nobody is waiting in your queues.");
  await picture(ana.page, "console-home-empty");

  await page.goto("/");
  await widget.start();
  const offer = ana.offer(ANSWERS.name);
  await expect(offer).toBeVisible();
  await expect(offer).toContainText(ANSWERS.topic);
  await expect(offer.getByText("Orders", { exact: true })).toBeVisible();
  await expect(widget.status).toContainText(CONNECTING);
  const countdown = offer.getByRole("timer");
  await expect(countdown).toHaveText(/^(1:00|0:5\d)$/);
  await expect(countdown).not.toHaveText(await countdown.textContent());
  await expect(ana.page).toHaveTitle("(1) Throughline");
  await picture(ana.page, "console-offer");

  const conversation = await ana.accept(ANSWERS.name);
  await expect(conversation.bubbles).toHaveText([ANSWERS.message]);
  await expect(ana.offer(ANSWERS.name)).toBeHidden();
  await ana.expectPresence("Busy", "50/100");
  await expect(widget.event("Ana joined")).toBeVisible();
  await expect(widget.status).toBeHidden();
});

test("each topic has its queue", async ({ page, profile, desk }) => {
  const ana = await desk("ana");
  const queues = [["A return or a repair", "Returns & repairs"], ["Something else", "General questions"]];
  for (const [topic, queue] of queues) {
    const visitor = new Widget(topic === queues[0][0] ? page : await profile());
    await visitor.page.goto("/");
    await visitor.start({ name: `Visitor of ${queue}`, topic });
    await expect(ana.offer(`Visitor of ${queue}`).getByText(queue, { exact: true })).toBeVisible();
  }
});

test("what one declines is offered to the next", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  const ben = await desk("ben");
  await expect(ben.offer(ANSWERS.name)).toHaveCount(0);

  await ana.reject(ANSWERS.name);
  await expect(ben.offer(ANSWERS.name)).toBeVisible();
  await expect(ana.offer(ANSWERS.name)).toHaveCount(0);
  await ben.accept(ANSWERS.name);
  await expect(widget.event("Ben joined")).toBeVisible();
});

test("an offer that is not answered in time goes to the next", async ({
  page, widget, desk, administrator, picture,
}) => {
  await administrator.changeSettings((settings) => {
    settings.workstreams[0].offer_timeout = 5_000;
  });
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  const ben = await desk("ben");

  await expect(ben.offer(ANSWERS.name)).toBeVisible();
  await expect(ana.offer(ANSWERS.name)).toContainText("The time to answer ran out.");
  await picture(ana.page, "console-offer-ran-out");
  await ben.accept(ANSWERS.name);
  await expect(widget.event("Ben joined")).toBeVisible();
  await expect(ana.open.getByRole("row", { name: ANSWERS.name })).toHaveCount(0);
});

test("the same representative is asked three times; after that the work waits to be picked", async ({
  page, widget, desk,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const timer = ana.offer(ANSWERS.name).getByRole("timer");
  for (let time = 1; time <= 3; time++) {
    await expect(timer).toBeVisible();
    const heading = await ana.offer(ANSWERS.name).getAttribute("aria-labelledby");
    await ana.reject(ANSWERS.name);
    await expect(ana.page.locator(`[aria-labelledby="${heading}"] [role=timer]`)).toHaveCount(0);
  }
  const row = ana.open.getByRole("row", { name: ANSWERS.name });
  await expect(row).toContainText("Waiting");
  await expect(timer).toHaveCount(0);
  await row.getByRole("button", { name: `Assign to me the conversation with ${ANSWERS.name}` }).click();
  await expect(ana.panel(ANSWERS.name)).toBeVisible();
  await expect(widget.event("Ana joined")).toBeVisible();
});

test("with nobody available the visitor is told so, and is offered at once when somebody comes", async ({
  page, widget, desk, picture,
}) => {
  await page.goto("/");
  await widget.start();
  await expect(widget.status).toContainText(NOBODY);
  await picture(page, "widget-nobody-available");

  const ana = await desk("ana");
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  await expect(widget.status).toContainText(CONNECTING);
});

test("who is away is offered nothing until they are available again", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await ana.choosePresence("Away");
  await page.goto("/");
  await widget.start();
  await expect(widget.status).toContainText(NOBODY);
  await expect(ana.open.getByRole("row", { name: ANSWERS.name })).toContainText("Waiting");
  await expect(ana.offers).toHaveCount(0);
  await ana.choosePresence("Available");
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
});

test("whoever rejects an offer is told that it changed their presence, and resets it", async ({
  page, widget, desk, administrator, picture,
}) => {
  await administrator.changeSettings((settings) => {
    settings.desk = { ...settings.desk, do_not_disturb_after_reject: true };
  });
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await ana.reject(ANSWERS.name);
  const banner = ana.page.getByRole("status").filter({ hasText: "You rejected an offer" });
  await expect(banner).toBeVisible();
  await ana.expectPresence("Do not disturb");
  await ana.presence.click();
  await expect(ana.page.getByText("Set because of an offer that you did not take.")).toBeVisible();
  await ana.page.keyboard.press("Escape");
  await picture(ana.page, "console-presence-given");

  await banner.getByRole("button", { name: "Reset presence" }).click();
  await expect(banner).toHaveCount(0);
  // Nobody else is there: it is offered to her again, and takes its share of her capacity.
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  await ana.expectPresence("Busy", "50/100");
});

test("Alt+A accepts from the keyboard, wherever the focus is", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  await ana.page.keyboard.press("Alt+a");
  await expect(ana.panel(ANSWERS.name)).toBeVisible();
  await expect(ana.conversation(ANSWERS.name).composer).toBeFocused();
});

test.describe("a wrong password", () => {
  test.use({ expectedErrors: /status of 401/ });

  test("is refused with a sentence, and nothing is lost", async ({ profile, house }) => {
    const page = await profile({ baseURL: house.desk });
    await page.goto("/");
    await page.getByRole("textbox", { name: "Name" }).fill("ana");
    await page.getByLabel("Password").fill("not-the-password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert")).toContainText(/\w+/);
    await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("ana");
    await expect(page.getByLabel("Password")).toBeFocused();
  });
});
