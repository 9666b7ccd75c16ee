/* Point 6: a conversation ends, is wrapped up, closed, and the next one begins. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

test("ended, wrapped up with capacity held, closed and free; the visitor starts a new one", async ({
  page, widget, desk, picture,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await conversation.say("It arrives today. Goodbye!");
  await expect(widget.message("It arrives today. Goodbye!")).toBeVisible();

  await conversation.end();
  await expect(conversation.panel.getByText("Wrap-up", { exact: true })).toBeVisible();
  await expect(conversation.panel.getByText("Ended by you").first()).toBeVisible();
  await ana.expectPresence("Busy", "50/100");
  await picture(ana.page, "console-wrap-up");
  await expect(widget.again).toBeVisible();
  await expect(widget.composer).toBeHidden();
  await expect(widget.endButton).toBeHidden();
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "It arrives today. Goodbye!"]);
  await picture(page, "widget-ended");

  await conversation.close();
  await ana.expectPresence("Available", "0/100");
  await expect(ana.closed.getByRole("row", { name: ANSWERS.name })).toContainText("Closed");
  await expect(ana.mine.getByRole("row", { name: ANSWERS.name })).toHaveCount(0);

  await widget.again.click();
  await expect(widget.name).toBeFocused();
  await expect(widget.firstMessage).toHaveValue("");
  await widget.fillForm({ ...ANSWERS, message: "And where is the lid?" });
  await widget.startButton.click();
  await expect(widget.bubbles).toHaveText(["And where is the lid?"]);
  const next = await ana.accept(ANSWERS.name);
  await expect(next.bubbles).toHaveText(["And where is the lid?"]);
});

test("a reload of the page shows the end, and the next visit can begin anew", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await (await ana.accept(ANSWERS.name)).end();
  await expect(widget.again).toBeVisible();
  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
  await expect(widget.again).toBeVisible();
});

test("the visitor ends it after a question, in every tab", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  const second = new Widget(await page.context().newPage());
  await second.page.goto("/cup.html");
  await second.open();
  await expect(second.bubbles).toHaveText([ANSWERS.message]);

  await widget.endButton.click();
  const question = widget.frame.getByRole("dialog", { name: "End this conversation?" });
  await question.getByRole("button", { name: "Go on" }).click();
  await expect(question).toBeHidden();
  await expect(widget.composer).toBeVisible();
  await widget.end();
  await expect(widget.frame.getByText("You ended the conversation.").last()).toBeVisible();
  await expect(second.again).toBeVisible();
  await expect(conversation.closeButton).toBeVisible();
  await expect(conversation.panel.getByText("Ended by the customer").first()).toBeVisible();
});

test("who ends it while waiting is not offered any more", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await expect(ana.offer(ANSWERS.name).getByRole("timer")).toBeVisible();
  await widget.end();
  await expect(widget.again).toBeVisible();
  await expect(ana.offers.getByRole("timer")).toHaveCount(0);
  await ana.expectPresence("Available", "0/100");
});
