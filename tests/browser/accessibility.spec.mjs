/* axe-core finds no violation, in every state that people meet, light and dark. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Scanner, choose, drop, expectThumbnail, onDisk, pdf, png } from "./files.mjs";
import { expect, test } from "./fixtures.mjs";
import { Mail } from "./mail.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

// A file that is too large is refused with 413.
test.use({ expectedErrors: /status of 413/ });

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds in a document, or in the part of it that `part` selects: rule and element. */
async function violations(frame, part) {
  await frame.evaluate(AXE);
  return frame.evaluate(async (part) => {
    // Transitions in the middle have colours of their own.
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
    const { violations, incomplete } = await window.axe.run(part ?? document, { iframes: false });
    // Ink of the very colour of its ground: axe-core takes that for text that is hidden on purpose.
    const invisible = incomplete
      .map((rule) => ({ ...rule, nodes: rule.nodes.filter(({ any }) => any.some(({ data }) => data?.messageKey === "equalRatio")) }));
    return [...violations, ...invisible].flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  }, part);
}

for (const colorScheme of ["light", "dark"]) {
  test(`the widget, ${colorScheme}`, async ({ profile, desk, picture }) => {
    const widget = new Widget(await profile({ colorScheme }));
    const { page } = widget;
    const expectNone = async (state) => {
      const [, frame] = page.frames();
      expect(await violations(frame), state).toEqual([]);
      expect(await violations(page.mainFrame(), "throughline-chat"), `launcher, ${state}`).toEqual([]);
      await picture(page, `axe-widget-${colorScheme}-${state}`);
    };
    const ana = await desk("ana");
    await page.goto("/");
    // The tag draws it a moment after the page itself has loaded.
    await expect(widget.launcher).toBeVisible();
    expect(await violations(page.mainFrame(), "throughline-chat"), "launcher").toEqual([]);
    await widget.open();
    await expect(widget.name).toBeFocused();
    await expectNone("form");
    await widget.startButton.click();
    await expect(widget.name).toHaveAttribute("aria-invalid", "true");
    await expectNone("form-with-errors");
    await widget.fillForm();
    await widget.startButton.click();
    await expect(widget.message(ANSWERS.message)).toContainText("Sent");
    await expectNone("waiting");
    const conversation = await ana.accept(ANSWERS.name);
    await conversation.say("Let me see: https://example.com/parcels");
    await widget.say("Thank you");
    await expect(widget.message("Thank you")).toContainText("Read");
    await expectNone("conversation");
    await widget.endButton.click();
    await expect(widget.frame.getByRole("dialog")).toBeVisible();
    await expectNone("question");
    await widget.frame.getByRole("button", { name: "End it" }).click();
    await expect(widget.again).toBeVisible();
    await expectNone("ended");
    await widget.minimise();
    await expectNone("minimised");
  });

  test(`the console, ${colorScheme}`, async ({ profile, page, widget, house, desk, picture }) => {
    const entrance = await profile({ baseURL: house.desk, colorScheme });
    const expectNone = async (window, state) => {
      expect(await violations(window.mainFrame()), state).toEqual([]);
      await picture(window, `axe-console-${colorScheme}-${state}`);
    };
    await entrance.goto("/");
    await expect(entrance.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expectNone(entrance, "sign-in");
    await entrance.getByRole("button", { name: "Sign in" }).click();
    await expect(entrance.getByText("Enter your name.")).toBeVisible();
    await expectNone(entrance, "sign-in-with-errors");

    const ana = await desk("ana", { colorScheme });
    await expectNone(ana.page, "home-empty");
    await ana.presence.click();
    await expect(ana.page.getByRole("listbox", { name: "Presence" })).toBeFocused();
    await expectNone(ana.page, "presence");
    await ana.page.keyboard.press("Escape");
    await page.goto("/");
    await widget.start();
    await expect(ana.offer(ANSWERS.name)).toBeVisible();
    await expectNone(ana.page, "offer");
    const conversation = await ana.accept(ANSWERS.name);
    await conversation.say("One moment: https://example.com/parcels");
    await widget.say("Of course, https://example.com/mine");
    await expect(conversation.message("One moment")).toContainText("Seen by the customer");
    await expect(conversation.bubbles).toHaveCount(3);
    await expectNone(ana.page, "conversation");
    await conversation.panel.getByText("Internal note", { exact: true }).click();
    await expectNone(ana.page, "internal-note");
    await conversation.endButton.click();
    await expect(ana.page.getByRole("dialog")).toBeVisible();
    await expectNone(ana.page, "question");
    await ana.page.getByRole("dialog").getByRole("button", { name: "End conversation" }).click();
    await expect(conversation.closeButton).toBeVisible();
    await expectNone(ana.page, "wrap-up");
    await conversation.close();
    await expect(ana.closed.getByRole("row", { name: ANSWERS.name })).toBeVisible();
    await expectNone(ana.page, "home");
  });

  test(`several at one conversation, ${colorScheme}`, async ({ page, widget, desk, picture }) => {
    const expectNone = async (window, state) => {
      expect(await violations(window.mainFrame()), state).toEqual([]);
      await picture(window, `axe-console-${colorScheme}-${state}`);
    };
    const ana = await desk("ana", { colorScheme });
    await page.goto("/");
    await widget.start();
    const conversation = await ana.accept(ANSWERS.name);
    const ben = await desk("ben", { colorScheme });
    await conversation.press("Consult");
    await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
    await expectNone(ana.page, "choose");
    await ana.choose("Ben Castillo");
    await expect(ben.offer(ANSWERS.name)).toBeVisible();
    await expectNone(ben.page, "consult-asked");
    const advised = await ben.accept(ANSWERS.name);
    await advised.note("Offer them a new parcel.");
    await expect(conversation.message("Offer them a new parcel.")).toBeVisible();
    await expectNone(ana.page, "consulting");
    await expectNone(ben.page, "consultant");

    const sam = await desk("sam", { colorScheme });
    await sam.watch();
    await expect(sam.row(ANSWERS.name)).toContainText("Active");
    await expectNone(sam.page, "overview");
    await sam.row(ANSWERS.name).getByRole("button", { name: "Why?" }).click();
    await expect(sam.dialog).toContainText("Ana Lindqvist has it");
    await expectNone(sam.page, "why");
    await sam.page.keyboard.press("Escape");
    await sam.overview.getByRole("checkbox", { name: "Choose all shown" }).check();
    await expectNone(sam.page, "chosen");
    await sam.overview.getByRole("button", { name: "Close 1 conversation" }).click();
    await expect(sam.dialog).toContainText("Close 1 conversation?");
    await expectNone(sam.page, "close-many");
    await sam.page.keyboard.press("Escape");
    // Only what waits can be assigned.
    await sam.overview.getByRole("button", { name: "Assign 1 conversation" }).click();
    await expect(sam.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
    await expectNone(sam.page, "choose-for-many");
    await sam.dialog.getByRole("button", { name: "Ben Castillo" }).click();
    await expect(sam.dialog).toContainText("Nothing was done.");
    await expectNone(sam.page, "outcome-of-many");
    await sam.page.keyboard.press("Escape");
    await sam.overview.getByRole("checkbox", { name: "Choose all shown" }).uncheck();
    await sam.row("Ana Lindqvist").getByRole("button", { name: "Set presence" }).click();
    await sam.dialog.getByRole("button", { name: "Set presence" }).click();
    await expectNone(sam.page, "set-presence");
    await sam.page.keyboard.press("Escape");
    await sam.row(ANSWERS.name).getByRole("button", { name: "Monitor" }).click();
    await expect(sam.conversation(ANSWERS.name).company).toBeVisible();
    await expectNone(sam.page, "monitor");
    await sam.sessions.getByRole("button", { name: "Dry run" }).click();
    await sam.page.getByRole("button", { name: "Show where it would go" }).click();
    await expect(sam.page.getByRole("region", { name: "Decision" })).toContainText("It would be in the queue");
    await expectNone(sam.page, "dry-run");
  });

  test(`what could not be delivered, ${colorScheme}`, async ({ desk, picture }) => {
    const admin = await desk("admin", { colorScheme });
    const expectNone = async (state) => {
      expect(await violations(admin.page.mainFrame()), state).toEqual([]);
      await picture(admin.page, `axe-console-${colorScheme}-${state}`);
    };
    await admin.tab("Undelivered").click();
    await expect(admin.undelivered).toContainText("Every part answers.");
    await expectNone("mail-empty");
    await Mail.in(admin.page.context());
    await admin.page.reload();
    await expect(admin.undelivered.getByRole("row", { name: "Settings to Routing" })).toBeVisible();
    await expectNone("mail");
    await admin.undelivered.getByRole("button", { name: /^Throw away what Settings/ }).click();
    await expect(admin.dialog).toContainText("Throw away what Settings told Routing?");
    await expectNone("mail-question");
    await admin.page.keyboard.press("Escape");
    await admin.page.setViewportSize({ width: 375, height: 780 });
    await expectNone("mail-narrow");
  });

  test(`files, ${colorScheme}`, async ({ profile, desk, administrator, picture }, testInfo) => {
    const scanner = await Scanner.open();
    await administrator.changeSettings((settings) => {
      settings.widgets[0].files = { customers: true, staff: true, max_bytes: 100_000, kinds: ["image", "document"] };
    });
    const widget = new Widget(await profile({ colorScheme }));
    const expectNone = async (window, state) => {
      const frame = window.frames()[1] ?? window.mainFrame();
      expect(await violations(frame), state).toEqual([]);
      await picture(window, `axe-files-${colorScheme}-${state}`);
    };
    const ana = await desk("ana", { colorScheme });
    await widget.page.goto("/");
    await widget.start();
    const answer = await ana.accept(ANSWERS.name);
    const cup = await onDisk(testInfo, "cup.png", png(600, 400));
    const large = await onDisk(testInfo, "large.pdf", pdf(100_001));
    for (const side of [widget, answer]) {
      await choose(side.page, side.attach, cup, large);
      await expect(side.uploads.filter({ hasText: "large.pdf" })).toContainText("at most 100 KB");
    }
    await expect(answer.files).toHaveCount(2);
    await expectThumbnail(answer.files.last().locator("img"));
    await expectThumbnail(widget.files.last().locator("img"));
    await expectNone(widget.page, "widget-refused");
    await expectNone(ana.page, "console-refused");
    for (const side of [widget, answer]) {
      await side.frameOrPanel.getByRole("button", { name: "Dismiss large.pdf" }).click();
    }
    await administrator.changeSettings((settings) => {
      settings.scanner = scanner.settings;
    });
    await answer.panel.getByText("Internal note", { exact: true }).click();
    const terms = await onDisk(testInfo, "terms.pdf", pdf(900));
    for (const side of [widget, answer]) {
      await choose(side.page, side.attach, terms);
      await expect(side.uploads).toContainText(/is being checked/i);
    }
    await expectNone(widget.page, "widget-checking");
    await expectNone(ana.page, "console-checking");
    await drop(ana.page, answer.log, [terms], async () => {
      await expect(answer.panel.getByText("Drop files here for your colleagues only")).toBeVisible();
      await expectNone(ana.page, "console-drop");
    });
    await scanner.says("clean");
    await scanner.says("clean");
    await expect(answer.files).toHaveCount(4);
    await answer.message("cup.png").last().getByRole("button", { name: "Change this file" }).click();
    await expectNone(ana.page, "console-menu");
    await answer.message("cup.png").last().getByRole("button", { name: "Remove" }).click();
    await expectNone(ana.page, "console-removing");
    await answer.message("cup.png").last().getByRole("button", { name: "Remove" }).click();
    await expect(widget.files).toHaveCount(2);
    await expectNone(widget.page, "widget-removed");
    await expectNone(ana.page, "console-removed");
    await scanner.close();
  });
}
