/* Point 5: the console may be reloaded, closed and opened again. */
import { Desk } from "./desk.mjs";
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

test("a reload brings everything back, also what was being written", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await conversation.say("One moment.");
  await expect(widget.message("One moment.")).toBeVisible();
  await conversation.composer.fill("I have found it, it is");

  await ana.page.reload();
  await expect(conversation.panel).toBeVisible();
  await expect(conversation.bubbles).toHaveText([ANSWERS.message, "One moment."]);
  await expect(conversation.composer).toHaveValue("I have found it, it is");
  await ana.expectPresence("Busy", "50/100");
  await conversation.composer.press("Enter");
  await widget.say("Thanks!");
  const all = [ANSWERS.message, "One moment.", "I have found it, it is", "Thanks!"];
  await expect(widget.bubbles).toHaveText(all);
  await expect(conversation.bubbles).toHaveText(all);
});

test("a window that is closed and opened again finds the conversation in My work items", async ({
  page, widget, desk, picture,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await (await ana.accept(ANSWERS.name)).say("One moment.");
  await expect(widget.message("One moment.")).toBeVisible();

  const context = ana.page.context();
  await ana.page.close();
  await widget.say("Where did you go?");
  await expect(widget.message("Where did you go?")).toContainText("Sent");
  const again = new Desk(await context.newPage());
  await again.page.goto("/");
  const row = again.mine.getByRole("row", { name: ANSWERS.name });
  await expect(row).toContainText("Active");
  await picture(again.page, "console-home");
  await row.getByRole("button", { name: `Open the conversation with ${ANSWERS.name}` }).click();
  const conversation = again.conversation(ANSWERS.name);
  const all = [ANSWERS.message, "One moment.", "Where did you go?"];
  await expect(conversation.bubbles).toHaveText(all);
  await conversation.say("Here I am.");
  await expect(widget.bubbles).toHaveText([...all, "Here I am."]);
});

test("two windows of one representative show the same", async ({ page, widget, desk }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const second = new Desk(await ana.page.context().newPage());
  await second.page.goto("/");
  await expect(second.offer(ANSWERS.name)).toBeVisible();
  await ana.accept(ANSWERS.name);
  await expect(second.offers).toHaveCount(0);
  await second.tab(ANSWERS.name).click();
  const conversation = second.conversation(ANSWERS.name);
  await conversation.say("From the second window.");
  await expect(ana.conversation(ANSWERS.name).bubbles).toHaveText([ANSWERS.message, "From the second window."]);
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "From the second window."]);
});

test("unread messages are counted at the tab of a conversation in the background", async ({
  page, widget, desk, profile,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await ana.accept(ANSWERS.name);
  const other = new Widget(await profile());
  await other.page.goto("/");
  await other.start({ name: "Jonas Weck", message: "Do you ship to Norway?" });
  await ana.accept("Jonas Weck");
  await ana.expectPresence("Do not disturb", "100/100");

  await widget.say("One more thing.");
  await expect(ana.tab(ANSWERS.name)).toContainText("1 unread message");
  await ana.tab(ANSWERS.name).click();
  await expect(ana.conversation(ANSWERS.name).bubbles.last()).toHaveText("One more thing.");
  await expect(ana.tab(ANSWERS.name)).not.toContainText("unread");
});

test("who signs out is asked first while there is work, and signs in again to it", async ({
  page, widget, desk, house,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  await ana.accept(ANSWERS.name);
  await ana.page.getByRole("button", { name: "Sign out" }).click();
  const question = ana.page.getByRole("dialog");
  await expect(question).toContainText("You still have 1 conversation.");
  await question.getByRole("button", { name: "Sign out" }).click();
  await expect(ana.page.getByText("You have signed out.")).toBeVisible();
  await ana.signIn(house.account("ana"));
  await expect(ana.mine.getByRole("row", { name: ANSWERS.name })).toContainText("Active");
});
