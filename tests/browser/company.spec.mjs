/* Several at one conversation: consulting in private and in front of the customer, and transfers, however they end. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

/** Ana has the conversation of a customer; Ben is there. */
async function scene({ page, widget, desk }) {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await expect(widget.event("Ana joined")).toBeVisible();
  const ben = await desk("ben");
  return { ana, ben, conversation };
}

test("a private consultant writes to the staff only, and is told apart by words and colour", async ({
  page, widget, desk, picture,
}) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await expect(conversation.company).toHaveCount(0);
  const consult = conversation.panel.getByRole("button", { name: "Consult", exact: true });
  await consult.click();
  await expect(ana.dialog.getByRole("heading", { name: `Who should advise on ${ANSWERS.name}?` })).toBeVisible();
  await expect(ana.dialog.getByRole("searchbox", { name: "Find by name" })).toBeFocused();
  await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toContainText("Available, 100 units free");
  await picture(ana.page, "console-choose");
  await ana.page.keyboard.type("ben");
  await ana.choose("Ben Castillo");
  await expect(consult).toBeFocused();
  await expect(conversation.company).toContainText("Ben Castillo is asked to advise…");

  const offer = ben.offer(ANSWERS.name);
  await expect(offer).toContainText("Consult: Ana Lindqvist asks for your advice");
  await picture(ben.page, "console-consult-asked");
  const advised = await ben.accept(ANSWERS.name);
  await expect(ana.notices).toContainText(`Ben Castillo advises you on ${ANSWERS.name} from now on.`);
  await expect(conversation.company).toContainText("Ben Castillo advises, unseen by the customer");
  await expect(advised.company).toContainText("You advise. The customer does not see you");
  await expect(advised.composer).toHaveCount(0);
  await expect(advised.panel.getByRole("button", { name: "Transfer" })).toHaveCount(0);
  await advised.note("Offer them a new parcel.");

  const whisper = conversation.message("Offer them a new parcel.");
  await expect(whisper).toContainText("Internal note, not seen by the customer");
  await expect(whisper).toHaveClass(/internal/);
  const reply = advised.message(ANSWERS.message).locator(".bubble");
  const colour = (locator) => locator.evaluate((node) => getComputedStyle(node).backgroundColor);
  expect(await colour(whisper.locator(".bubble"))).not.toBe(await colour(reply));
  await expect(conversation.log.getByText("Ben Castillo joined to advise")).toBeVisible();
  await picture(ana.page, "console-consult-private");
  await picture(ben.page, "console-consultant");

  // The customer has seen nothing of it.
  await conversation.say("One moment.");
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "One moment."]);
  await expect(widget.log.getByText("Ben")).toHaveCount(0);

  await conversation.press("End consult: Ben Castillo");
  await expect(advised.panel).toHaveCount(0);
  await expect(ben.notices).toContainText(`You no longer take part in the conversation with ${ANSWERS.name}.`);
  await expect(conversation.company).toHaveCount(0);
});

test("a consultant in front of the customer is seen, and can step back and leave", async ({
  page, widget, desk, picture,
}) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await conversation.press("Consult");
  await ana.choose("Ben Castillo");
  const advised = await ben.accept(ANSWERS.name);
  await conversation.press("Add to chat: Ben Castillo");
  await expect(conversation.company).toContainText("advises, in front of the customer");
  await expect(advised.company).toContainText("You advise in front of the customer");
  await expect(widget.event("Ben joined")).toBeVisible();
  await advised.say("Hello, I help Ana.");
  await expect(widget.message("Hello, I help Ana.")).toBeVisible();
  await picture(ben.page, "console-consult-public");

  await advised.press("Step back from the customer and go on advising");
  await expect(conversation.company).toContainText("advises, unseen by the customer");
  await expect(advised.composer).toHaveCount(0);
  await expect(advised.noteComposer).toBeVisible();
  await advised.press("Leave the conversation");
  await expect(advised.panel).toHaveCount(0);
  await expect(conversation.company).toHaveCount(0);
});

test("somebody of a queue is found to advise, and the search can be taken back", async ({ page, widget, desk }) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await ben.choosePresence("Away");
  await conversation.press("Consult");
  await expect(ana.dialog.getByText("Nobody can be asked now.")).toBeVisible();
  await ana.choose("Orders");
  await expect(conversation.company).toContainText("Somebody of Orders is looked for to advise…");
  await conversation.press("Take back: stop looking for somebody");
  await expect(conversation.company).toHaveCount(0);
  await conversation.press("Consult");
  await ana.choose("Orders");
  await ben.choosePresence("Available");
  await ben.accept(ANSWERS.name);
  await expect(conversation.company).toContainText("Ben Castillo advises, unseen by the customer");
});

test("whoever accepts a transfer has the conversation, and whoever gave it has it no more", async ({
  page, widget, desk, picture,
}) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await conversation.press("Transfer");
  await expect(ana.dialog.getByRole("heading", { name: `Who should take over ${ANSWERS.name}?` })).toBeVisible();
  await ana.choose("Ben Castillo");
  await expect(conversation.company).toContainText("Ben Castillo is asked to take over…");
  await expect(conversation.panel.getByRole("button", { name: "Transfer", exact: true })).toHaveCount(0);
  await expect(ben.offer(ANSWERS.name)).toContainText("Transfer: Ana Lindqvist asks you to take over");
  await picture(ana.page, "console-transfer-asked");
  const taken = await ben.accept(ANSWERS.name);
  await expect(ana.notices).toContainText(`Ben Castillo has taken over the conversation with ${ANSWERS.name}.`);
  await expect(ana.notices).not.toContainText("no longer yours");
  await expect(conversation.panel).toHaveCount(0);
  await ana.expectPresence("Available", "0/100");
  await taken.say("I am Ben.");
  await expect(widget.message("I am Ben.")).toBeVisible();
  // And may give it on, to a queue of colleagues.
  await taken.press("Transfer");
  await ben.choose("General questions");
  await expect(ben.notices).toContainText(`The conversation with ${ANSWERS.name} was transferred to General questions.`);
  await expect(ana.offer(ANSWERS.name)).toContainText("General questions");
});

test("a transfer that is declined, or taken back, leaves the conversation where it is", async ({
  page, widget, desk,
}) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await conversation.press("Transfer");
  await ana.choose("Ben Castillo");
  await ben.reject(ANSWERS.name);
  await expect(ana.notices).toContainText(`Ben Castillo declined the transfer of ${ANSWERS.name}.`);
  await expect(conversation.company).toHaveCount(0);
  await conversation.say("I am still here.");
  await expect(widget.message("I am still here.")).toBeVisible();

  await conversation.press("Transfer");
  await ana.choose("Ben Castillo");
  await expect(ben.offer(ANSWERS.name)).toBeVisible();
  await conversation.press("Take back: transfer to Ben Castillo");
  await expect(ben.offer(ANSWERS.name)).toContainText("your colleague took it back");
  await expect(conversation.company).toHaveCount(0);
});

test("a transfer that nobody answers in time is told", async ({ page, widget, desk, administrator }) => {
  await administrator.changeSettings((settings) => {
    settings.workstreams[0].offer_timeout = 5_000;
  });
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await conversation.press("Transfer");
  await ana.choose("Ben Castillo");
  await expect(ben.offer(ANSWERS.name)).toContainText("Your colleague has been told.");
  await expect(ana.notices).toContainText(`Ben Castillo did not answer the transfer of ${ANSWERS.name} in time.`);
  await expect(conversation.composer).toBeVisible();
});

test("what is given back to its queue is asked first, and what was being written is not lost", async ({
  page, widget, desk, picture,
}) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  await ben.choosePresence("Away");
  await conversation.composer.fill("Half a sentence");
  await conversation.press("Give back to the queue");
  await expect(ana.dialog).toContainText("The customer waits again");
  await picture(ana.page, "console-give-back");
  await ana.page.keyboard.press("Escape");
  await expect(conversation.panel.getByRole("button", { name: "Give back to the queue" })).toBeFocused();
  await conversation.press("Give back to the queue");
  await ana.dialog.getByRole("button", { name: "Give back" }).click();
  await expect(ana.notices).toContainText(`The conversation with ${ANSWERS.name} is back in its queue.`);
  await ana.accept(ANSWERS.name);
  await expect(conversation.composer).toHaveValue("Half a sentence");
});

test("without a mouse: consult, add to the chat, transfer", async ({ page, widget, desk }) => {
  const { ana, ben, conversation } = await scene({ page, widget, desk });
  const { keyboard } = ana.page;
  const press = async (...keys) => {
    for (const key of keys) await keyboard.press(key);
  };
  await conversation.panel.getByRole("button", { name: "Consult", exact: true }).focus();
  await press("Enter");
  await keyboard.type("cast");
  await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
  await press("Tab");
  await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toBeFocused();
  await press("Enter");
  await expect(ben.offer(ANSWERS.name)).toBeVisible();
  await ben.page.keyboard.press("Alt+KeyA");
  await expect(ben.conversation(ANSWERS.name).noteComposer).toBeFocused();
  await press("Tab", "Tab", "Tab", "Tab");
  await expect(conversation.panel.getByRole("button", { name: "Add to chat: Ben Castillo" })).toBeFocused();
  await press("Space");
  await expect(conversation.company).toContainText("in front of the customer");
  await conversation.panel.getByRole("button", { name: "Transfer", exact: true }).focus();
  await press("Space");
  await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
  await press("Tab", "Enter");
  await expect(ben.offer(ANSWERS.name)).toContainText("Transfer");
  await ben.page.keyboard.press("Alt+KeyA");
  await expect(conversation.panel).toHaveCount(0);
});

test("on a narrow screen nothing is cut off", async ({ page, widget, desk, picture }) => {
  const phone = { viewport: { width: 360, height: 740 } };
  const expectWhole = async (window, state) => {
    const [wide, room] = await window.evaluate(async () => {
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})));
      const boxes = [...document.querySelectorAll("main *, dialog *, .offers *")];
      const shown = boxes.filter((node) => node.checkVisibility() && !node.closest(".unseen, .transcript"));
      return [Math.max(...shown.map((node) => node.getBoundingClientRect().right)), innerWidth];
    });
    expect(wide, state).toBeLessThanOrEqual(room);
    await picture(window, `narrow-${state}`);
  };
  const ana = await desk("ana", phone);
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  const ben = await desk("ben", phone);
  await conversation.press("Consult");
  await expect(ana.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
  await expectWhole(ana.page, "choose");
  await ana.choose("Ben Castillo");
  await expect(ben.offer(ANSWERS.name)).toBeVisible();
  await expectWhole(ben.page, "consult-asked");
  await ben.accept(ANSWERS.name);
  await expect(conversation.company).toContainText("advises");
  await expectWhole(ana.page, "consulting");
  await expectWhole(ben.page, "consultant");
  const sam = await desk("sam", phone);
  await sam.watch();
  await expect(sam.row(ANSWERS.name)).toContainText("Active");
  await expectWhole(sam.page, "overview");
  await sam.row(ANSWERS.name).scrollIntoViewIfNeeded();
  await expectWhole(sam.page, "overview-conversations");
  await sam.row(ANSWERS.name).getByRole("button", { name: "Why?" }).click();
  await expect(sam.dialog).toContainText("Ana Lindqvist has it");
  await expectWhole(sam.page, "why");
  await sam.page.keyboard.press("Escape");
  await sam.sessions.getByRole("button", { name: "Dry run" }).click();
  await expectWhole(sam.page, "dry-run");
});
