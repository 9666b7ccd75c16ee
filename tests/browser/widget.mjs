/* The visitor's side: the launcher on a page, and the chat in its frame. */
import { expect } from "@playwright/test";

/** What the visitor of most tests answers. */
export const ANSWERS = {
  name: "Mira Holm",
  topic: "An order",
  message: "Where is my parcel?",
};

/** Runs in a page before everything else: the launcher's closed shadow root is opened, so that it can be looked into. */
export function openShadowRoots() {
  const attachShadow = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    return attachShadow.call(this, { ...options, mode: "open" });
  };
}

export class Widget {
  constructor(page) {
    this.page = page;
    this.host = page.locator("throughline-chat");
    // On a narrow screen the open panel covers it, and it has no role then.
    this.launcher = this.host.locator("button");
    this.panel = this.host.locator("iframe");
    this.frame = this.panel.contentFrame();

    this.name = this.frame.getByRole("textbox", { name: "Your name" });
    this.topic = this.frame.getByRole("combobox", { name: "What is it about?" });
    this.firstMessage = this.frame.getByRole("textbox", { name: "How can we help?" });
    this.consent = this.frame.getByRole("checkbox", { name: "I agree" });
    this.startButton = this.frame.getByRole("button", { name: "Start chat" });

    this.log = this.frame.getByRole("log");
    this.status = this.frame.locator("#status");
    this.place = this.frame.locator("#place");
    this.composer = this.frame.getByRole("textbox", { name: "Write a message" });
    this.sendButton = this.frame.getByRole("button", { name: "Send" });
    this.endButton = this.frame.getByRole("button", { name: "End chat" });
    this.again = this.frame.getByRole("button", { name: "Start a new conversation" });
    /** All that was written, from the log and on its way there, in order. */
    this.bubbles = this.frame.locator(".bubble");
    this.attach = this.frame.getByRole("button", { name: "Attach a file" });
    /** Files on their way, and those that arrived. */
    this.uploads = this.frame.getByRole("list", { name: "Files on their way" }).getByRole("listitem");
    this.files = this.log.locator("button.file");
    this.frameOrPanel = this.frame;
  }

  file(name) {
    return this.files.filter({ hasText: name });
  }

  async open() {
    await this.launcher.click();
    await this.expectOpen();
  }

  async minimise() {
    await this.frame.getByRole("button", { name: "Minimise" }).click();
    await expect(this.launcher).toHaveAttribute("aria-expanded", "false");
    await expect(this.panel).toBeHidden();
  }

  async expectOpen() {
    await expect(this.launcher).toHaveAttribute("aria-expanded", "true");
    await expect(this.panel).toBeVisible();
  }

  async fillForm({ name, topic, message } = ANSWERS) {
    await this.name.fill(name);
    await this.topic.selectOption(topic);
    await this.firstMessage.fill(message);
    await this.consent.check();
  }

  /** Opens the panel, answers the form and starts a conversation. */
  async start(answers = {}) {
    const all = { ...ANSWERS, ...answers };
    await this.open();
    await this.fillForm(all);
    await this.startButton.click();
    await expect(this.message(all.message)).toBeVisible();
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press("Enter");
  }

  async end() {
    await this.endButton.click();
    await this.frame.getByRole("dialog").getByRole("button", { name: "End it" }).click();
  }

  /** One message with what stands around it. */
  message(text) {
    return this.frame.locator(".row").filter({ hasText: text });
  }

  /** A line about something that happened. */
  event(text) {
    return this.log.getByText(text, { exact: true });
  }
}
