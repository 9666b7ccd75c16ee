/* Point 1: from the launcher over the form to a conversation. */
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

test("the launcher opens the form, and its answers start a conversation", async ({ page, widget, picture }) => {
  await page.goto("/");
  await expect(widget.launcher).toHaveAccessibleName("Chat with us");
  await expect(widget.launcher).toHaveAttribute("aria-expanded", "false");
  await expect(widget.panel).toHaveCount(0);
  await widget.open();
  await expect(widget.frame.getByRole("heading", { name: "Chat with us" })).toBeVisible();
  await expect(widget.name).toBeFocused();
  await expect(widget.topic.getByRole("option")).toHaveText([
    "Choose one", "An order", "A return or a repair", "Something else",
  ]);
  await picture(page, "widget-form");

  await widget.fillForm();
  await widget.startButton.click();
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
  await expect(widget.message(ANSWERS.message)).toContainText("Sent");
  await expect(widget.composer).toBeFocused();
});

test("what is missing is said at the fields, and the first of them gets the focus", async ({ page, widget, picture }) => {
  await page.goto("/");
  await widget.open();
  await widget.startButton.click();
  const sentences = [
    [widget.name, "Please fill this in."],
    [widget.topic, "Please fill this in."],
    [widget.firstMessage, "Please fill this in."],
    [widget.consent, "Please fill this in."],
  ];
  for (const [field, sentence] of sentences) {
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(field).toHaveAccessibleDescription(sentence);
  }
  await expect(widget.name).toBeFocused();
  await picture(page, "widget-form-errors");

  await widget.name.fill(ANSWERS.name);
  await widget.startButton.click();
  await expect(widget.name).toHaveAttribute("aria-invalid", "false");
  await expect(widget.name).toHaveAccessibleDescription("");
  await expect(widget.topic).toBeFocused();

  await widget.fillForm();
  await widget.startButton.click();
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
});

test("answers stay while the panel is minimised", async ({ page, widget }) => {
  await page.goto("/");
  await widget.open();
  await widget.fillForm();
  await widget.minimise();
  await widget.open();
  await expect(widget.name).toHaveValue(ANSWERS.name);
  await expect(widget.firstMessage).toHaveValue(ANSWERS.message);
  await widget.startButton.click();
  await expect(widget.bubbles).toHaveText([ANSWERS.message]);
});

test.describe("without a gateway", () => {
  test.use({ expectedErrors: CUT_OFF });

  test("the form says that nobody can be reached, keeps the answers, and starts when it is sent again", async ({
    page, widget, house,
  }) => {
    await page.goto("/");
    await widget.open();
    await widget.fillForm();
    await house.kill();
    await widget.startButton.click();
    await expect(widget.frame.getByRole("alert").filter({ hasText: "We cannot be reached right now." })).toBeVisible();
    await house.start();
    await widget.startButton.click();
    await expect(widget.bubbles).toHaveText([ANSWERS.message]);
  });
});
