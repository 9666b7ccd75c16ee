/* Everything a visitor does, without a mouse. */
import { Desk } from "./desk.mjs";
import { expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

test("from the launcher to a sent message and back", async ({ page, widget, desk }) => {
  await page.goto("/");
  await expect(widget.launcher).toBeVisible();
  // The launcher is the last stop of the page.
  await page.getByRole("link", { name: "العربية" }).focus();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await press("Tab");
  await expect(widget.launcher).toBeFocused();
  await press("Enter");
  await expect(widget.name).toBeFocused();
  await page.keyboard.type(ANSWERS.name);
  await press("Tab");
  await expect(widget.topic).toBeFocused();
  await press("ArrowDown");
  await expect(widget.topic).toHaveValue("order");
  await press("Tab");
  await page.keyboard.type(ANSWERS.message);
  await press("Tab", "Space");
  await expect(widget.consent).toBeChecked();
  await press("Tab", "Tab");
  await expect(widget.startButton).toBeFocused();
  await press("Enter");
  await expect(widget.message(ANSWERS.message)).toContainText("Sent");
  await expect(widget.composer).toBeFocused();

  const ana = await desk("ana");
  const conversation = await ana.accept(ANSWERS.name);
  await page.bringToFront();
  await page.keyboard.type("First line");
  await press("Shift+Enter");
  await page.keyboard.type("second line");
  await press("Enter");
  await expect(conversation.bubbles.last()).toHaveText("First line\nsecond line", { useInnerText: true });
  await expect(widget.composer).toBeFocused();

  await press("Escape");
  await expect(widget.panel).toBeHidden();
  await expect(widget.launcher).toBeFocused();
  await press("Space");
  await expect(widget.composer).toBeFocused();
  await press("Escape");
  await expect(widget.launcher).toBeFocused();
});

test("the question before the end keeps the focus and gives it back", async ({ page, widget }) => {
  await page.goto("/");
  await widget.start();
  await widget.endButton.focus();
  await page.keyboard.press("Enter");
  const question = widget.frame.getByRole("dialog", { name: "End this conversation?" });
  await expect(question.getByRole("button", { name: "Go on" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await widget.expectOpen();
  await expect(widget.endButton).toBeFocused();
});

test("a representative works without a mouse", async ({ page, widget, profile, house, desk }) => {
  await page.goto("/");
  await widget.start();
  const { name, password } = house.account("ana");
  const window = await profile({ baseURL: house.desk });
  const press = async (...keys) => {
    for (const key of keys) await window.keyboard.press(key);
  };
  await window.goto("/");
  await expect(window.getByRole("textbox", { name: "Name" })).toBeFocused();
  await window.keyboard.type(name);
  await press("Tab");
  await window.keyboard.type(password);
  await press("Enter");
  const ana = new Desk(window);
  await expect(ana.offer(ANSWERS.name)).toBeVisible();
  await press("Alt+a");
  const conversation = ana.conversation(ANSWERS.name);
  await expect(conversation.composer).toBeFocused();
  await window.keyboard.type("Hello Mira");
  await press("Enter");
  await expect(widget.message("Hello Mira")).toBeVisible();

  await conversation.endButton.focus();
  await press("Enter");
  await expect(window.getByRole("dialog").getByRole("button", { name: "Go on" })).toBeFocused();
  await press("Tab", "Enter");
  await expect(conversation.closeButton).toBeVisible();
  await conversation.closeButton.focus();
  await press("Enter");
  await ana.expectPresence("Available", "0/100");

  await ana.presence.focus();
  await press("ArrowDown");
  await expect(window.getByRole("listbox", { name: "Presence" })).toBeFocused();
  await press("End", "ArrowUp", "Enter");
  await ana.expectPresence("Away");
  await expect(ana.presence).toBeFocused();
});
