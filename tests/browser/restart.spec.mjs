/* Point 7: the gateway is killed in the middle of everything. */
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

test.use({ expectedErrors: CUT_OFF });

/** A gateway that went three times within seconds is called again after half a minute at the latest. */
const CALLED_AGAIN = { timeout: 40_000 };

test("both go on by themselves, and nothing is lost or doubled", async ({ page, widget, desk, house }) => {
  test.slow();
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  const said = [ANSWERS.message];
  for (let round = 1; round <= 3; round++) {
    await widget.say(`Visitor ${round}, before`);
    await answer.say(`Ana ${round}, before`);
    // Some of it has been acknowledged, some is on its way.
    await house.kill();
    await widget.say(`Visitor ${round}, in between`);
    await answer.say(`Ana ${round}, in between`);
    await house.start();
    for (const who of ["Visitor", "Ana"]) said.push(`${who} ${round}, before`, `${who} ${round}, in between`);
    for (const text of said) {
      await expect(widget.message(text)).toHaveCount(1, CALLED_AGAIN);
      await expect(answer.message(text)).toHaveCount(1, CALLED_AGAIN);
    }
  }
  await expect(widget.frame.getByText("Sending…")).toHaveCount(0);
  const order = await widget.bubbles.allTextContents();
  expect([...order].sort()).toEqual([...said].sort());
  await expect(answer.bubbles).toHaveText(order);
  for (const who of ["Visitor", "Ana"]) {
    const own = order.filter((text) => text.startsWith(who));
    expect(own, "everybody's own messages are in the order of writing").toEqual(said.filter((text) => text.startsWith(who)));
  }
  await ana.expectPresence("Busy", "50/100");
  await page.reload();
  await expect(widget.bubbles).toHaveText(order);
  await ana.page.reload();
  await expect(answer.bubbles).toHaveText(order);
});

test("a visitor who waits keeps the place, and the offer comes again", async ({ page, widget, desk, house }) => {
  await page.goto("/");
  await widget.start();
  await expect(widget.status).toContainText("Nobody is available right now.");
  await house.kill();
  await house.start();
  const ana = await desk("ana");
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  await house.kill();
  await ana.expectLost();
  await house.start();
  await ana.expectBack();
  const conversation = await ana.accept(ANSWERS.name);
  await expect(conversation.bubbles).toHaveText([ANSWERS.message]);
  await expect(widget.event("Ana joined")).toHaveCount(1);
});

test("wrap-up and what was closed are still there", async ({ page, widget, desk, house }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await conversation.end();
  await house.kill();
  await ana.expectLost();
  await house.start();
  await ana.expectBack();
  await ana.expectPresence("Busy", "50/100");
  await conversation.close();
  await house.kill();
  await house.start();
  await ana.page.reload();
  await ana.expectPresence("Available", "0/100");
  await expect(ana.closed.getByRole("row", { name: ANSWERS.name })).toContainText("Closed");
  await page.reload();
  await expect(widget.again).toBeVisible();
});

test("a clock that is set back does not keep the visitor from coming back", async ({ page, widget, desk, house }) => {
  test.slow();
  await page.addInitScript(() => {
    const now = Date.now;
    Date.now = () => now() - (globalThis.setBack ?? 0);
  });
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await house.kill();
  await expect(widget.status).toContainText("The connection is lost.");
  const frame = page.frames().find((frame) => frame.url().includes("/frame/"));
  await frame.evaluate(() => (globalThis.setBack = 3_600_000));
  await house.start();
  await ana.expectBack();
  await answer.say("Are you still there?");
  await expect(widget.message("Are you still there?")).toBeVisible({ timeout: 40_000 });
});

test("what is written while the gateway hangs arrives when it goes on", async ({ page, widget, desk, house }) => {
  test.slow();
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await expect(widget.event("Ana joined")).toBeVisible();
  const called = [page, ana.page].map((page) => {
    const addresses = [];
    page.on("websocket", (socket) => addresses.push(socket.url()));
    return addresses;
  });
  house.hang();
  await widget.say("Is anybody there?");
  await answer.say("One moment");
  // Each has given up at least one call that was taken and never answered.
  for (const addresses of called) await expect.poll(() => addresses.length, { timeout: 90_000 }).toBeGreaterThan(2);
  house.goOn();
  await expect(answer.message("Is anybody there?")).toHaveCount(1);
  await expect(widget.message("One moment")).toHaveCount(1);
});
