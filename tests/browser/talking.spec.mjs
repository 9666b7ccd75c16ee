/* Point 3: both sides write, and see what becomes of it. */
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

/** A conversation that Ana has accepted. */
async function together({ page, widget, desk }) {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  return ana.accept(ANSWERS.name);
}

test("both write, see each other, and see that they were read", async ({ page, widget, desk, picture }) => {
  const ana = await together({ page, widget, desk });
  await ana.say("Hello Mira, let me look.");
  await expect(widget.message("Hello Mira, let me look.")).toContainText("Ana");
  await expect(ana.message("Hello Mira, let me look.")).toContainText("Seen by the customer");
  await widget.say("Thank you!");
  await expect(ana.message("Thank you!")).toContainText(ANSWERS.name);
  await expect(widget.message("Thank you!")).toContainText("Read");

  const all = [ANSWERS.message, "Hello Mira, let me look.", "Thank you!"];
  await expect(widget.bubbles).toHaveText(all);
  await expect(ana.bubbles).toHaveText(all);
  await picture(page, "widget-conversation");
  await picture(ana.page, "console-conversation");
});

test("each sees the other typing, until the message is there", async ({ page, widget, desk, picture }) => {
  const ana = await together({ page, widget, desk });
  const shownToAna = await keepWhatIsShown(ana.panel.locator(".typing"));
  await widget.composer.pressSequentially("I th");
  await expect(ana.panel.getByText(`${ANSWERS.name} is typing`)).toBeVisible();
  await ana.composer.pressSequentially("One m");
  await expect(widget.frame.getByText("Ana is typing")).toBeVisible();
  await picture(page, "widget-typing");

  await ana.composer.press("Enter");
  await expect(widget.message("One m")).toBeVisible();
  await expect(widget.frame.getByText("Ana is typing")).toBeHidden();
  await widget.composer.press("Enter");
  await expect(ana.message("I th")).toBeVisible();
  await expect(ana.panel.getByText(`${ANSWERS.name} is typing`)).toBeHidden();
  expect(new Set(await shownToAna()), "nobody is told that they are typing themselves").toEqual(
    new Set([`${ANSWERS.name} is typing`, ""]),
  );
});

/** Keeps every text that an element shows from now on. */
async function keepWhatIsShown(locator) {
  const shown = await locator.evaluateHandle((element) => {
    const texts = [];
    const keep = () => texts.push(element.textContent.trim());
    new MutationObserver(keep).observe(element, { childList: true, characterData: true, subtree: true });
    return texts;
  });
  return () => shown.jsonValue();
}

test("internal notes never reach the visitor", async ({ page, widget, desk }) => {
  const ana = await together({ page, widget, desk });
  await ana.panel.getByText("Internal note", { exact: true }).click();
  const note = ana.panel.getByRole("textbox", { name: "Internal note" });
  await note.fill("Sounds like the usual carrier.");
  await note.press("Enter");
  await expect(ana.message("Sounds like the usual carrier.")).toContainText("Internal note");
  await ana.panel.getByText("Reply", { exact: true }).click();
  await ana.say("It arrives today.");
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "It arrives today."]);
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "It arrives today."]);
});

test("a minimised launcher counts what was not read", async ({ page, widget, desk, picture }) => {
  const ana = await together({ page, widget, desk });
  await widget.minimise();
  await ana.say("It left yesterday.");
  await expect(widget.launcher).toHaveAccessibleName("Chat with us, 1 unread");
  await ana.say("And arrives today.");
  await expect(widget.launcher).toHaveAccessibleName("Chat with us, 2 unread");
  await expect(widget.launcher).toContainText("2");
  await expect(ana.message("And arrives today.")).not.toContainText("Seen");
  await picture(page, "launcher-unread");

  await page.goto("/cup.html");
  await expect(widget.launcher).toHaveAccessibleName("Chat with us, 2 unread");
  await widget.open();
  await expect(ana.message("And arrives today.")).toContainText("Seen by the customer");
  await widget.minimise();
  await expect(widget.launcher).toHaveAccessibleName("Chat with us");
});

test.describe("without a connection", () => {
  test.use({ expectedErrors: CUT_OFF });

  test("a message waits, says so, and goes out by itself once", async ({ page, widget, desk, house, picture }) => {
    const ana = await together({ page, widget, desk });
    await house.kill();
    await expect(widget.status).toContainText("The connection is lost.");
    await widget.say("Are you still there?");
    await expect(widget.message("Are you still there?")).toContainText("Sending…");
    await picture(page, "widget-no-connection");
    await expect(ana.panel.getByText("Reconnecting…")).toBeVisible();
    await picture(ana.page, "console-no-connection");

    await house.start();
    await expect(widget.message("Are you still there?")).toContainText("Read");
    await expect(widget.status).toBeHidden();
    const all = [ANSWERS.message, "Are you still there?"];
    await expect(widget.bubbles).toHaveText(all);
    await expect(ana.bubbles).toHaveText(all);
  });

  test("what was written and not sent outlives the page", async ({ page, widget, desk, house }) => {
    await together({ page, widget, desk });
    await house.kill();
    await widget.say("I am closing my laptop now.");
    await expect(widget.message("I am closing my laptop now.")).toContainText("Sending…");
    const context = page.context();
    await page.close();
    await house.start();
    const again = new Widget(await context.newPage());
    await again.page.goto("/");
    await again.open();
    await expect(again.bubbles).toHaveText([ANSWERS.message, "I am closing my laptop now."]);
    await expect(again.message("I am closing my laptop now.")).toContainText(/Sent|Read/);
  });
});

test("what the gateway refuses says so, and can be tried again or discarded", async ({ page, widget, desk, picture }) => {
  const sentence = "You shall not pass";
  let damaged = 0;
  // On its way the text becomes spaces, and an empty message is refused.
  await page.context().routeWebSocket(/\/v1\/conversations\//, (socket) => {
    const gateway = socket.connectToServer();
    socket.onMessage((frame) => {
      const at = typeof frame === "string" ? -1 : frame.indexOf(sentence);
      if (at >= 0 && damaged < 2) {
        damaged += 1;
        frame.fill(" ", at, at + sentence.length);
      }
      gateway.send(frame);
    });
  });
  const ana = await together({ page, widget, desk });
  await widget.say(sentence);
  const message = widget.message(sentence);
  await expect(message).toContainText("It is empty.");
  await picture(page, "widget-message-refused");
  await message.getByRole("button", { name: "Try again" }).click();
  await expect.poll(() => damaged).toBe(2);
  await expect(message).toContainText("It is empty.");
  await message.getByRole("button", { name: "Try again" }).click();
  await expect(message).toContainText("Read");
  await expect(ana.bubbles).toHaveText([ANSWERS.message, sentence]);

  damaged = 1;
  await widget.say(sentence);
  await message.last().getByRole("button", { name: "Discard" }).click();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, sentence]);
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, sentence]);
});

test("a message that is too long is stopped at the keyboard, with the number of characters", async ({
  page, widget, desk,
}) => {
  await together({ page, widget, desk });
  await widget.composer.fill("x".repeat(3_900));
  await expect(widget.frame.getByText("100 characters left")).toBeVisible();
  await widget.composer.fill("x".repeat(4_001));
  await expect(widget.frame.getByText("1 characters too many")).toBeVisible();
  await expect(widget.composer).toHaveAttribute("aria-invalid", "true");
  await widget.composer.press("Enter");
  await expect(widget.composer).toHaveValue("x".repeat(4_001));
  await expect(widget.bubbles).toHaveCount(1);
  await widget.composer.fill("x".repeat(4_000));
  await widget.composer.press("Enter");
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "x".repeat(4_000)]);
});

test("a long conversation is loaded page by page, and nothing is missing", async ({ page, widget, desk }) => {
  const ana = await together({ page, widget, desk });
  const said = Array.from({ length: 110 }, (_, number) => `Line ${number + 1}`);
  for (const text of said) {
    await widget.composer.fill(text);
    await widget.composer.press("Enter");
  }
  const all = [ANSWERS.message, ...said];
  await expect(ana.bubbles).toHaveText(all);
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles.last()).toHaveText("Line 110");
  const scroller = widget.frame.locator("#scroll");
  await expect(async () => {
    await scroller.evaluate((element) => element.scrollTo(0, 0));
    expect(await widget.bubbles.count()).toBe(all.length);
  }).toPass();
  await expect(widget.bubbles).toHaveText(all);
});
