/* What supervisors see and do: what goes on, counters, monitor, join, assign, transfer, close, presences, why, what if. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

/** Ana has the conversation of a customer, and Sam looks after her. */
async function scene({ page, widget, desk }) {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  const sam = await desk("sam");
  await sam.watch();
  return { ana, sam, conversation };
}

test("the overview shows queues, conversations and representatives as they are", async ({
  page, widget, desk, profile, picture,
}) => {
  const { ana, sam, conversation } = await scene({ page, widget, desk });
  const orders = sam.overview.getByRole("region", { name: "Queues" }).getByRole("row", { name: "Orders" });
  await expect(orders).toContainText("1 of 2");
  await expect(sam.row(ANSWERS.name)).toContainText("Active");
  await expect(sam.row(ANSWERS.name)).toContainText("Ana Lindqvist");
  const people = sam.overview.getByRole("region", { name: "Representatives" });
  await expect(people.getByRole("row", { name: "Ana Lindqvist" })).toContainText("50 of 100");
  await expect(people.getByRole("row", { name: "Ben Castillo" })).toContainText("Not signed in");
  await expect(sam.page.getByRole("banner")).toContainText("Halden & Moss");

  await ana.choosePresence("Away");
  const other = new Widget(await profile());
  await other.page.goto("/");
  await other.start({ name: "Jonas Weck", topic: "A return or a repair", message: "My bowl has a chip." });
  await expect(sam.row("Jonas Weck")).toContainText("Nobody");
  await picture(sam.page, "console-overview");

  await sam.overview.getByRole("combobox", { name: "State" }).selectOption("Waiting");
  await expect(sam.row(ANSWERS.name)).toHaveCount(0);
  await expect(sam.row("Jonas Weck")).toBeVisible();
  await sam.overview.getByRole("combobox", { name: "State" }).selectOption("Any state");
  await sam.overview.getByRole("combobox", { name: "Queues" }).selectOption("Orders");
  await expect(sam.row("Jonas Weck")).toHaveCount(0);
  await sam.overview.getByRole("combobox", { name: "Queues" }).selectOption("My queues");
  await expect(sam.overview).toContainText("No conversation is like that now.");
  await sam.overview.getByRole("combobox", { name: "Queues" }).selectOption("All queues");
  await conversation.end();
  await expect(sam.row(ANSWERS.name)).toContainText("Wrap-up");
  await conversation.close();
  await expect(sam.row(ANSWERS.name)).toHaveCount(0);
});

test("representatives have no overview and no dry run", async ({ desk }) => {
  const ana = await desk("ana");
  await expect(ana.sessions.getByRole("button", { name: "Home" })).toBeVisible();
  await expect(ana.sessions.getByRole("button")).toHaveCount(1);
});

test("a supervisor looks on unseen, joins, and is seen from then on", async ({ page, widget, desk, picture }) => {
  const { sam, conversation } = await scene({ page, widget, desk });
  await sam.row(ANSWERS.name).getByRole("button", { name: "Monitor" }).click();
  const watched = sam.conversation(ANSWERS.name);
  await expect(watched.bubbles).toHaveText([ANSWERS.message]);
  await expect(watched.company).toContainText("You look on in silence.");
  await expect(watched.panel.getByRole("textbox")).toHaveCount(0);
  await picture(sam.page, "console-monitor");
  await widget.say("Anybody there?");
  await expect(watched.message("Anybody there?")).toBeVisible();
  await expect(conversation.company).toHaveCount(0);
  await expect(widget.log.getByText("Sam")).toHaveCount(0);

  await watched.press("Join the conversation");
  await expect(watched.company).toContainText("You have joined.");
  await expect(widget.event("Sam joined")).toBeVisible();
  await expect(conversation.company).toContainText("Sam Okafor takes part as supervisor");
  await watched.say("This is Sam.");
  await expect(widget.message("This is Sam.")).toBeVisible();
  await picture(sam.page, "console-joined");
  await watched.press("Leave the conversation");
  await expect(watched.panel).toHaveCount(0);
  await expect(conversation.company).toHaveCount(0);
});

test("a conversation is closed for everybody, after a question", async ({ page, widget, desk, picture }) => {
  const { ana, sam, conversation } = await scene({ page, widget, desk });
  const close = sam.row(ANSWERS.name).getByRole("button", { name: "Close the conversation" });
  await close.click();
  await expect(sam.dialog).toContainText("It ends at once for the customer and for everybody who takes part.");
  await picture(sam.page, "console-force-close");
  await sam.dialog.getByRole("button", { name: "Leave it open" }).click();
  await expect(close).toBeFocused();
  await close.click();
  await sam.dialog.getByRole("button", { name: "Close conversation" }).click();
  await expect(sam.notices).toContainText(`The conversation with ${ANSWERS.name} is closed.`);
  await expect(sam.row(ANSWERS.name)).toHaveCount(0);
  await expect(conversation.panel).toHaveCount(0);
  await expect(widget.again).toBeVisible();
  await ana.expectPresence("Available", "0/100");
});

test("what waits is assigned, and what somebody has is transferred", async ({
  page, widget, desk, administrator,
}) => {
  // The system offers nothing: representatives take work by hand.
  await administrator.changeSettings((settings) => {
    settings.workstreams[0].sessions.distribution = "pick";
  });
  const ana = await desk("ana");
  await ana.choosePresence("Away");
  const ben = await desk("ben");
  await page.goto("/");
  await widget.start();
  const sam = await desk("sam");
  await sam.watch();
  await expect(sam.row(ANSWERS.name)).toContainText("Waiting");
  await sam.row(ANSWERS.name).getByRole("button", { name: "Assign" }).click();
  await expect(sam.dialog.getByRole("button", { name: "Ben Castillo" })).toBeVisible();
  await expect(sam.dialog.getByRole("button", { name: "Ana Lindqvist" })).toHaveCount(0);
  await sam.page.keyboard.press("Escape");
  await ana.choosePresence("Available");
  await sam.row(ANSWERS.name).getByRole("button", { name: "Assign" }).click();
  await sam.choose("Ana Lindqvist");
  await expect(sam.notices).toContainText(`Ana Lindqvist is asked to take the conversation with ${ANSWERS.name}.`);
  await expect(ana.offer(ANSWERS.name)).toContainText("Assigned to you by Sam Okafor");
  const conversation = await ana.accept(ANSWERS.name);

  await expect(sam.row(ANSWERS.name)).toContainText("Active");
  await sam.row(ANSWERS.name).getByRole("button", { name: "Transfer" }).click();
  await sam.choose("Ben Castillo");
  await expect(sam.notices).toContainText(`Ben Castillo is asked to take the conversation with ${ANSWERS.name}.`);
  await ben.accept(ANSWERS.name);
  await expect(sam.row(ANSWERS.name)).toContainText("Ben Castillo");
  // Whoever had it stays to advise.
  await expect(conversation.company).toContainText("You advise.");
});

test("a presence is set with a reason", async ({ page, widget, desk, picture }) => {
  const { ana, sam } = await scene({ page, widget, desk });
  const set = sam.row("Ana Lindqvist").getByRole("button", { name: "Set presence of Ana Lindqvist" });
  await set.click();
  await expect(sam.dialog.getByRole("combobox", { name: "Presence" })).toBeFocused();
  await sam.dialog.getByRole("combobox", { name: "Presence" }).selectOption("Away");
  await sam.dialog.getByRole("button", { name: "Set presence" }).click();
  const reason = sam.dialog.getByRole("textbox", { name: "Reason" });
  await expect(reason).toHaveAttribute("aria-invalid", "true");
  await picture(sam.page, "console-set-presence");
  await reason.fill("Lunch");
  await reason.press("Enter");
  await expect(sam.notices).toContainText("The presence of Ana Lindqvist is set.");
  await ana.expectPresence("Away");
  await expect(sam.row("Ana Lindqvist").filter({ hasText: "of 100" })).toContainText("Away");
});

test("an explanation says why, and what would have to change", async ({ page, widget, desk, picture }) => {
  const ana = await desk("ana");
  await ana.choosePresence("Away");
  await page.goto("/");
  await widget.start();
  const sam = await desk("sam");
  await sam.watch();
  const why = sam.row(ANSWERS.name).getByRole("button", { name: "Why?" });
  await why.click();
  await expect(sam.dialog).toContainText("It waits in the queue “Orders”. Nobody can be offered it now.");
  await expect(sam.dialog).toContainText("The route “Orders” sent it there.");
  const people = sam.dialog.getByRole("listitem");
  await expect(people.filter({ hasText: "Ben Castillo" })).toContainText("They are not signed in.");
  await expect(people.filter({ hasText: "Ana Lindqvist" })).toContainText("Their presence (away)");
  await picture(sam.page, "console-why");
  await sam.page.keyboard.press("Escape");
  await expect(why).toBeFocused();

  // Representatives may ask about what they see.
  await picture(ana.page, "console-home-waiting");
  await ana.open.getByRole("button", { name: `Why? the conversation with ${ANSWERS.name}` }).click();
  await expect(ana.dialog).toContainText("Nobody can be offered it now.");
  await ana.page.keyboard.press("Escape");
  await ana.choosePresence("Available");
  const conversation = await ana.accept(ANSWERS.name);
  await conversation.press("Why is it here?");
  await expect(ana.dialog).toContainText("Ana Lindqvist has it, from the queue “Orders”.");
});

test("a supervisor has a conversation routed again with more known about it", async ({
  page, widget, desk, administrator, picture,
}) => {
  await administrator.changeSettings((settings) => {
    const [workstream] = settings.workstreams;
    const help = settings.queues.find((queue) => queue.name === "Returns & repairs").id;
    const when = { field: "context.tier", equals: "gold" };
    const gold = { ...workstream.routes[0], name: "Gold", when, queues: [{ queue: help, percent: 100 }] };
    workstream.routes.unshift(gold);
  });
  await page.goto("/");
  await widget.start();
  const sam = await desk("sam");
  await sam.watch();
  await expect(sam.row(ANSWERS.name)).toContainText("Orders");
  await sam.row(ANSWERS.name).getByRole("button", { name: "Why?" }).click();
  await sam.dialog.getByRole("button", { name: "Route again" }).click();
  const known = sam.dialog.getByRole("textbox", { name: "What is known now" });
  await expect(known).toBeFocused();
  await known.fill("gold");
  await sam.dialog.getByRole("button", { name: "Route again" }).click();
  await expect(sam.dialog).toContainText("Write “gold” as a name and a value");
  await picture(sam.page, "console-route-again");
  await known.fill("tier = gold");
  await sam.dialog.getByRole("button", { name: "Route again" }).click();
  await expect(sam.notices).toContainText(`The conversation with ${ANSWERS.name} is routed again.`);
  await expect(sam.row(ANSWERS.name)).toContainText("Returns & repairs");
});

test.describe("a draft that cannot be read", () => {
  test.use({ expectedErrors: /status of 400 .*\/v1\/trial$/ });

  test("is refused with a sentence", async ({ desk }) => {
    const admin = await desk("admin");
    await admin.sessions.getByRole("button", { name: "Dry run" }).click();
    await admin.page.getByText("With a draft of the settings").click();
    await admin.page.getByRole("textbox", { name: "Settings as JSON" }).fill("{}");
    await admin.page.getByRole("button", { name: "Show where it would go" }).click();
    await expect(admin.page.getByRole("region", { name: "Decision" })).toContainText("could not be read");
  });
});

test("a dry run shows where a conversation would go, and what cannot be is said", async ({ desk, picture }) => {
  const ana = await desk("ana");
  const sam = await desk("sam");
  await sam.sessions.getByRole("button", { name: "Dry run" }).click();
  const form = sam.page.getByRole("region", { name: "Dry run" });
  const decision = sam.page.getByRole("region", { name: "Decision" });
  await form.getByRole("combobox", { name: "What is it about?" }).selectOption("A return or a repair");
  await form.getByRole("button", { name: "Show where it would go" }).click();
  await expect(decision).toContainText("It would be in the queue “Returns & repairs” and would be offered to Ana Lindqvist.");
  const rules = decision.getByRole("listitem").filter({ hasText: "Route: " });
  await expect(rules.filter({ hasText: "Applied." })).toHaveCount(1);
  await picture(sam.page, "console-dry-run");
  await form.getByRole("textbox", { name: "Other variables" }).fill("plan");
  await form.getByRole("button", { name: "Show where it would go" }).click();
  await expect(decision).toContainText("Write “plan” as a name and a value");
  await expect(ana.offers).toHaveCount(0);
  await expect(form.getByText("With a draft of the settings")).toHaveCount(0);
});
