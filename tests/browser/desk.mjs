/* The staff's side: the console in one window. */
import { expect } from "@playwright/test";

export class Desk {
  constructor(page) {
    this.page = page;
    this.presence = page.getByRole("button", { name: /^Presence/ });
    this.offers = page.getByRole("complementary", { name: "Offers" });
    this.mine = page.getByRole("region", { name: "My work items" });
    this.open = page.getByRole("region", { name: "Open work items" });
    this.closed = page.getByRole("region", { name: "Closed today" });
    this.lost = page.getByText("The connection is lost and is being restored.");
    this.sessions = page.getByRole("navigation", { name: "Sessions" });
    this.overview = page.getByRole("region", { name: "Overview", exact: true });
    this.undelivered = page.getByRole("region", { name: "Undelivered", exact: true });
    this.dialog = page.getByRole("dialog");
    this.notices = page.getByRole("status", { name: "Notices" });
  }

  async signIn({ name, password }) {
    await this.page.goto("/");
    await this.page.getByRole("textbox", { name: "Name" }).fill(name);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
    await expect(this.presence).toContainText("units used");
  }

  async expectPresence(name, units) {
    await expect(this.presence).toContainText(`Presence: ${name}`);
    if (units) await expect(this.presence).toContainText(units);
  }

  /** The console has found out that the gateway is gone. */
  async expectLost() {
    await expect(this.lost).toBeVisible();
  }

  /** The console is connected again. */
  async expectBack() {
    await expect(this.lost).toBeHidden();
  }

  async choosePresence(name) {
    await this.presence.click();
    await this.page.getByRole("option", { name, exact: true }).click();
    await this.expectPresence(name);
  }

  offer(customer) {
    return this.offers.getByRole("group", { name: customer });
  }

  async accept(customer) {
    await this.offer(customer).getByRole("button", { name: "Accept" }).click();
    const conversation = this.conversation(customer);
    await expect(conversation.bubbles.first()).toBeVisible();
    return conversation;
  }

  async reject(customer) {
    await this.offer(customer).getByRole("button", { name: "Reject" }).click();
  }

  /** Chooses somebody, or a queue, from the list that a dialog shows. */
  async choose(name) {
    await this.dialog.getByRole("listitem").getByRole("button", { name }).click();
    await expect(this.dialog).toBeHidden();
  }

  /** The supervisor's page. */
  async watch() {
    await this.sessions.getByRole("button", { name: "Overview" }).click();
    await expect(this.overview).toBeVisible();
  }

  /** A row of the supervisor's page. */
  row(name) {
    return this.overview.getByRole("row", { name });
  }

  panel(customer) {
    return this.page.getByRole("region", { name: `Conversation with ${customer}` });
  }

  conversation(customer) {
    return new DeskConversation(this, customer);
  }

  tab(title) {
    return this.sessions.getByRole("button", { name: title }).first();
  }
}

/** A conversation in the console. */
export class DeskConversation {
  constructor(desk, customer) {
    this.page = desk.page;
    this.panel = desk.panel(customer);
    this.log = this.panel.getByRole("log");
    this.composer = this.panel.getByRole("textbox", { name: "Reply to the customer" });
    this.noteComposer = this.panel.getByRole("textbox", { name: "Internal note" });
    this.company = this.panel.getByRole("region", { name: "Who takes part" });
    this.endButton = this.panel.getByRole("button", { name: "End conversation" }).first();
    this.closeButton = this.panel.getByRole("button", { name: "Close conversation" });
    /** All that was written, in order. */
    this.bubbles = this.log.locator(".bubble");
    this.attach = this.panel.getByRole("button", { name: "Attach a file" });
    /** Files on their way, and those that arrived. */
    this.uploads = this.panel.getByRole("list", { name: "Files on their way" }).getByRole("listitem");
    this.files = this.log.locator(".file-card");
    this.frameOrPanel = this.panel;
  }

  file(name) {
    return this.files.filter({ hasText: name });
  }

  /** The buttons of a file. */
  save(name) {
    return this.log.getByRole("button", { name: `Download ${name}` });
  }

  opens(name) {
    return this.log.getByRole("button", { name: `Open ${name}` });
  }

  /** Removes a message or a file, by its menu. */
  async remove(text) {
    const message = this.message(text);
    await message.getByRole("button", { name: /^Change this/ }).click();
    await message.getByRole("button", { name: "Remove" }).click();
    await expect(message).toContainText("Remove it for everybody?");
    await message.getByRole("button", { name: "Remove" }).click();
  }

  /** Changes what a message says, by its menu. */
  async edit(text, to) {
    const message = this.message(text);
    await message.getByRole("button", { name: "Change this message" }).click();
    await message.getByRole("button", { name: "Edit" }).click();
    const field = this.log.getByRole("textbox", { name: "Edit the message" });
    await field.fill(to);
    await field.press("Enter");
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  async note(text) {
    await this.noteComposer.fill(text);
    await this.noteComposer.press("Enter");
  }

  /** Presses a button of the head or of those who take part. */
  async press(name) {
    await this.panel.getByRole("button", { name }).click();
  }

  message(text) {
    return this.log.locator(".message").filter({ hasText: text });
  }

  async end() {
    await this.endButton.click();
    await this.page.getByRole("dialog").getByRole("button", { name: "End conversation" }).click();
    await expect(this.closeButton).toBeVisible();
  }

  async close() {
    await this.closeButton.click();
    await expect(this.panel).toBeHidden();
  }
}
