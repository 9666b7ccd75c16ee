/* Point 5: bad networks. What was written arrives once, whatever the socket in between does. */
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

async function talking({ page, widget, desk }) {
  const network = await Network.of(page.context());
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await expect(widget.event("Ana joined")).toBeVisible();
  return { network, answer };
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
  const crashed = page.waitForEvent("crash");
  const session = await context.newCDPSession(page);
  session.send("Page.crash").catch(() => {});
  await crashed;

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
