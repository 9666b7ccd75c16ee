/* Point 5: bad networks. What was written arrives once, whatever the socket in between does. */
import { Desk } from "./desk.mjs";
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

test.use({ expectedErrors: CUT_OFF });

/** How long a half-dead socket may go unnoticed: two heartbeats, and a moment each for the last answer and the next try. */
const FOUND_OUT_MS = 45_000;

/** The sockets of a profile, through which nothing, or nothing one way, goes when a test says so. */
class Network {
  #open = new Set();
  /** How many were opened. */
  count = 0;

  static async of(context) {
    const network = new Network();
    await context.routeWebSocket(/\/v1\/conversations\/[^/]+\/socket$/, (socket) => network.#carry(socket));
    return network;
  }

  #carry(socket) {
    const way = { up: true, down: true, socket };
    const server = socket.connectToServer();
    socket.onMessage((frame) => way.up && server.send(frame));
    server.onMessage((frame) => way.down && socket.send(frame));
    this.#open.add(way);
    this.count++;
  }

  /** From now on the sockets that are open swallow what they are given, this way or both. */
  silence({ up = false, down = false }) {
    for (const way of this.#open) Object.assign(way, { up: way.up && !up, down: way.down && !down });
  }

  /** The sockets that are open are cut. */
  async cut() {
    const open = [...this.#open];
    this.#open.clear();
    await Promise.all(open.map(({ socket }) => socket.close()));
  }
}

/** The tab dies as a process does: nothing in it can say anything any more. */
async function crash(page) {
  const crashed = page.waitForEvent("crash");
  const session = await page.context().newCDPSession(page);
  session.send("Page.crash").catch(() => {});
  await crashed;
}

async function talking({ page, widget, desk }) {
  const network = await Network.of(page.context());
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await expect(widget.event("Ana joined")).toBeVisible();
  return { network, ana, answer };
}

test("what is written while there is no network waits in sight, and is sent once when there is one", async ({
  page, widget, desk, picture,
}) => {
  const { network, answer } = await talking({ page, widget, desk });
  // Swallowed: it is on its way when the network goes.
  network.silence({ up: true });
  await widget.say("On its way");
  await page.context().setOffline(true);
  await network.cut();
  await expect(widget.status).toContainText("The connection is lost.");
  await widget.say("Written without a network");
  await expect(widget.message("Written without a network")).toContainText("Sending…");
  await picture(page, "widget-offline");
  await answer.say("Are you there?");

  await page.context().setOffline(false);
  const all = [ANSWERS.message, "Are you there?", "On its way", "Written without a network"];
  await expect(answer.bubbles).toHaveText(all);
  await expect(widget.bubbles).toHaveText(all);
  await expect(widget.message("Written without a network")).toContainText("Read");
});

for (const [way, silenced] of [
  ["up", { up: true }],
  ["down", { down: true }],
]) {
  test(`a socket that swallows everything on the way ${way} is found out within two heartbeats`, async ({
    page, widget, desk,
  }) => {
    await page.clock.install();
    const { network, answer } = await talking({ page, widget, desk });
    network.silence(silenced);
    await widget.say("Into the void?");
    await answer.say("Hello?");
    const sockets = network.count;
    await page.clock.runFor(FOUND_OUT_MS);
    await expect.poll(() => network.count).toBeGreaterThan(sockets);
    const all = [ANSWERS.message, ...(way === "up" ? ["Hello?", "Into the void?"] : ["Into the void?", "Hello?"])];
    await expect(widget.bubbles).toHaveText(all);
    await expect(answer.bubbles).toHaveText(all);
  });
}

test("a socket that only hears is found out within two heartbeats although the representative talks throughout", async ({
  page, widget, desk,
}) => {
  await page.clock.install();
  const { network, answer } = await talking({ page, widget, desk });
  network.silence({ up: true });
  await widget.say("Does anybody hear me?");
  const sockets = network.count;
  const said = [];
  for (let passed = 0; passed < FOUND_OUT_MS; passed += 5_000) {
    said.push(`Line ${said.length + 1}`);
    await answer.say(said.at(-1));
    await expect(widget.message(said.at(-1))).toBeVisible();
    await page.clock.runFor(5_000);
  }
  await expect.poll(() => network.count).toBeGreaterThan(sockets);
  await expect(widget.message("Does anybody hear me?")).toContainText("Read");
  const all = [ANSWERS.message, ...said, "Does anybody hear me?"];
  await expect(widget.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);
});

test("a tab that is killed takes nothing along that was written in it", async ({ page, widget, desk }) => {
  const { network, answer } = await talking({ page, widget, desk });
  const context = page.context();
  network.silence({ up: true, down: true });
  await widget.say("Before the crash");
  await expect(widget.message("Before the crash")).toContainText("Sending…");
  await crash(page);

  const next = new Widget(await context.newPage());
  await next.page.goto("/");
  await next.open();
  const all = [ANSWERS.message, "Before the crash"];
  await expect(next.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);
  await answer.say("Got it.");
  await expect(next.bubbles).toHaveText([...all, "Got it."]);
});

test("what a tab kept and did not send before it crashed is sent by the tab that lives on", async ({
  page, widget, desk,
}) => {
  const { answer } = await talking({ page, widget, desk });
  const context = page.context();
  const second = new Widget(await context.newPage());
  await second.page.goto("/");
  await second.open();
  await expect(second.bubbles).toHaveText([ANSWERS.message]);
  // It speaks through the first tab, which does not hear it any more.
  await second.log.evaluate(() => (BroadcastChannel.prototype.postMessage = () => {}));
  await second.say("Before the crash");
  await expect(second.message("Before the crash")).toContainText("Sending…");
  const crashed = second.page.waitForEvent("crash");
  const session = await context.newCDPSession(second.page);
  session.send("Page.crash").catch(() => {});
  await crashed;
  const all = [ANSWERS.message, "Before the crash"];
  await expect(widget.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);
});

test("a page that comes back is in step at once, also while the panel is closed", async ({ page, widget, desk }) => {
  await page.clock.install();
  const { network, answer } = await talking({ page, widget, desk });
  await widget.minimise();
  // No timer rings from here on: nothing but the page's return can bring the connection back.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000));
  const sockets = network.count;
  await network.cut();
  await answer.say("Are you there?");
  await widget.log.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await expect(widget.launcher).toHaveAccessibleName(/1 unread/);
  expect(network.count).toBe(sockets + 1);
});

test("the staff see that the customer has lost the connection, and that they are back", async ({
  page, widget, desk, picture,
}) => {
  const { network, ana, answer } = await talking({ page, widget, desk });
  const away = answer.panel.getByText("The customer is not connected. The conversation closes at");
  await expect(away).toHaveCount(0);
  await page.context().setOffline(true);
  await network.cut();
  await expect(away).toBeVisible();
  await picture(ana.page, "console-customer-away");
  await answer.say("Call us back when you can.");
  await page.context().setOffline(false);
  await expect(away).toHaveCount(0);
  await expect(widget.message("Call us back when you can.")).toBeVisible();
});

test("the customer sees that the representative has lost the connection, and that they are back", async ({
  page, widget, desk, picture,
}) => {
  const { ana } = await talking({ page, widget, desk });
  const context = ana.page.context();
  await crash(ana.page);
  await expect(widget.status).toHaveText("Ana lost the connection. If it stays lost, somebody else goes on.");
  await picture(page, "widget-representative-away");
  await widget.say("Are you there?");
  const again = new Desk(await context.newPage());
  await again.page.goto("/");
  await expect(widget.status).toBeHidden();
  await again.tab(ANSWERS.name).click();
  await expect(again.conversation(ANSWERS.name).bubbles).toHaveText([ANSWERS.message, "Are you there?"]);
});

test.describe("a console that is killed", () => {
  /** Ana has written what the gateway has not heard, and her window is gone. */
  async function killed({ page, widget, desk }) {
    const { ana, answer } = await talking({ page, widget, desk });
    const context = ana.page.context();
    const network = await Network.of(context);
    await ana.page.reload();
    await ana.tab(ANSWERS.name).click();
    await expect(answer.bubbles).toHaveText([ANSWERS.message]);
    network.silence({ up: true, down: true });
    await answer.say("It is on its way.");
    await answer.say("It arrives today.");
    await expect(answer.message("It arrives today.")).toContainText("Sending");
    await crash(ana.page);
    return context;
  }

  const ALL = [ANSWERS.message, "It is on its way.", "It arrives today."];

  test("takes nothing along that was written in it: the next one sends it, once", async ({ page, widget, desk }) => {
    const context = await killed({ page, widget, desk });
    const next = new Desk(await context.newPage());
    await next.page.goto("/");
    await expect(widget.bubbles).toHaveText(ALL);
    await next.tab(ANSWERS.name).click();
    await expect(next.conversation(ANSWERS.name).bubbles).toHaveText(ALL);
    await expect(next.conversation(ANSWERS.name).message("It arrives today.")).toContainText("Seen by the customer");
    const kept = await next.page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("outbox")));
    expect(kept).toEqual([]);
  });

  test("leaves it to its own account alone", async ({ page, widget, desk, house }) => {
    const context = await killed({ page, widget, desk });
    await context.clearCookies();
    const other = new Desk(await context.newPage());
    await other.signIn(house.account("sam"));
    await other.watch();
    await other.row(ANSWERS.name).getByRole("button", { name: "Monitor" }).click();
    await expect(other.conversation(ANSWERS.name).bubbles).toHaveText([ANSWERS.message]);
    await expect(other.conversation(ANSWERS.name).panel.getByText("Sending")).toHaveCount(0);
    await other.page.close();

    await context.clearCookies();
    const back = new Desk(await context.newPage());
    await back.signIn(house.account("ana"));
    await expect(widget.bubbles).toHaveText(ALL);
  });
});

test("whoever closes a console with something unsent is asked whether they mean it", async ({ page, widget, desk }) => {
  const { ana, answer } = await talking({ page, widget, desk });
  const network = await Network.of(ana.page.context());
  await ana.page.reload();
  await ana.tab(ANSWERS.name).click();
  await expect(answer.bubbles).toHaveText([ANSWERS.message]);
  network.silence({ up: true });
  await answer.say("Do not lose me.");
  const asked = ana.page.waitForEvent("dialog");
  await ana.page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await network.cut();
  await expect(widget.message("Do not lose me.")).toBeVisible();
  await expect(answer.message("Do not lose me.")).toContainText("Seen by the customer");
  const closed = ana.page.waitForEvent("close");
  await ana.page.close({ runBeforeUnload: true });
  await closed;
});
