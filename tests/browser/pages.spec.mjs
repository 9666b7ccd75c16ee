/* The widget on pages of every kind: strict, hostile, without reloads, right to left, narrow, and not its own. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

/** What page and frames keep in the browser. */
async function kept(page) {
  const stores = await Promise.all(
    page.frames().map((frame) =>
      frame.evaluate(async () => [
        ...Object.keys(localStorage),
        ...Object.keys(sessionStorage),
        ...(await indexedDB.databases()).map(({ name }) => name),
        ...(await caches.keys()),
        document.cookie,
      ]),
    ),
  );
  return stores.flat().filter(Boolean);
}

/** A page of a site of ours, with `body` and the script tag. */
async function ownPage(page, house, address, { tags = 1, body = "" } = {}) {
  const tag = `<script async src="${house.chat}/embed.js" data-widget="${house.widget}"></script>`;
  await page.route(address, (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">${tag.repeat(tags)}</head>
        <body><main><h1>A page</h1>${body}</main></body></html>`,
    }),
  );
  await page.goto(address);
}

test("nothing is stored before the visitor starts a conversation", async ({ page, widget }) => {
  await page.goto("/");
  await expect(widget.launcher).toBeVisible();
  await expect(widget.panel).toHaveCount(0);
  expect(await kept(page)).toEqual([]);
  await widget.open();
  await widget.fillForm();
  await widget.minimise();
  expect(page.frames()).toHaveLength(2);
  expect(await kept(page)).toEqual([]);
  expect(await page.context().cookies()).toEqual([]);

  await widget.open();
  await widget.startButton.click();
  await expect(widget.message(ANSWERS.message)).toContainText("Sent");
  expect(await kept(page)).not.toEqual([]);
  expect(await page.context().cookies()).toEqual([]);
});

test("the tag moves nothing on the page", async ({ page, widget }) => {
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value }) => value))).observe({
      type: "layout-shift",
      buffered: true,
    });
  });
  await page.goto("/");
  await widget.open();
  await expect(widget.name).toBeVisible();
  await widget.minimise();
  const shifts = await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(window.shifts)))),
  );
  expect(shifts).toEqual([]);
});

test("a page with a strict policy needs no more than our origin", async ({ page, widget, picture }) => {
  await page.goto("/gift-cards.html");
  await widget.start();
  await expect(widget.message(ANSWERS.message)).toContainText("Sent");
  await picture(page, "strict-policy");
});

test("a hostile style sheet changes neither launcher nor chat", async ({ page, widget, picture }) => {
  await page.goto("/outlet.html");
  const launcher = await widget.launcher.boundingBox();
  expect(launcher).toEqual({ x: 1280 - 20 - 56, y: 800 - 20 - 56, width: 56, height: 56 });
  await widget.start();
  await expect.poll(() => widget.panel.boundingBox()).toEqual({ x: 1280 - 20 - 400, y: 800 - 88 - 640, width: 400, height: 640 });
  const looks = await widget.host.evaluate((host) => {
    const look = (element) => {
      const { opacity, filter, pointerEvents, textTransform } = getComputedStyle(element);
      return { opacity, filter, pointerEvents, textTransform };
    };
    return [host, host.shadowRoot.querySelector("iframe"), host.shadowRoot.querySelector("button")].map(look);
  });
  const untouched = { opacity: "1", filter: "none", pointerEvents: "auto", textTransform: "none" };
  expect(looks).toEqual([untouched, untouched, untouched]);
  await picture(page, "hostile-styles");
});

test("a page that replaces its body keeps the chat, with what is being written", async ({ page, widget, picture }) => {
  await page.goto("/lookbook");
  await widget.start();
  await widget.composer.fill("Half a sent");
  await page.getByRole("main").getByRole("link", { name: "Orchard" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Orchard" })).toBeVisible();
  await widget.expectOpen();
  await expect(widget.composer).toHaveValue("Half a sent");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Lookbook" })).toBeVisible();
  await widget.composer.press("Enter");
  await expect(widget.bubbles).toHaveText([ANSWERS.message, "Half a sent"]);
  await picture(page, "replaced-body");
});

test("a page that empties its whole document gets the launcher back", async ({ page, widget }) => {
  await page.goto("/");
  await expect(widget.launcher).toBeVisible();
  await page.evaluate(() => document.documentElement.replaceChildren(document.createElement("body")));
  await expect(widget.launcher).toBeVisible();
  await widget.start();
});

test("on a page from right to left the chat is on the left", async ({ page, widget, picture }) => {
  await page.goto("/arabic.html");
  const launcher = await widget.launcher.boundingBox();
  expect(launcher.x).toBe(20);
  await widget.start({ name: "ليلى", message: "أين طردي؟" });
  expect((await widget.panel.boundingBox()).x).toBe(20);
  const direction = await widget.bubbles.first().evaluate((bubble) => getComputedStyle(bubble).direction);
  expect(direction).toBe("rtl");
  await picture(page, "right-to-left");
});

for (const width of [320, 375]) {
  test(`on a screen of ${width} px the chat has all of it`, async ({ page, widget, picture }) => {
    await page.setViewportSize({ width, height: 640 });
    await page.goto("/");
    await widget.open();
    // Once it has come to rest.
    await expect.poll(() => widget.panel.boundingBox()).toEqual({ x: 0, y: 0, width, height: 640 });
    const expectToFit = async () => {
      const { scrollWidth, clientWidth } = await widget.frame
        .locator("html")
        .evaluate(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }));
      expect(scrollWidth).toBe(clientWidth);
    };
    await expectToFit();
    await picture(page, `narrow-${width}-form`);
    await widget.fillForm({ ...ANSWERS, message: "Donaudampfschifffahrtsgesellschaftskapitän ".repeat(3).trim() });
    await widget.startButton.click();
    await expect(widget.bubbles).toHaveCount(1);
    await expectToFit();
    const send = await widget.sendButton.boundingBox();
    expect(send.width).toBeGreaterThanOrEqual(44);
    expect(send.height).toBeGreaterThanOrEqual(44);
    expect(send.y + send.height).toBeLessThanOrEqual(640);
    await picture(page, `narrow-${width}-conversation`);
    await widget.minimise();
    await expect(widget.launcher).toBeVisible();
  });
}

test("without motion nothing moves", async ({ profile }) => {
  const widget = new Widget(await profile({ reducedMotion: "reduce" }));
  await widget.page.goto("/");
  await widget.start();
  const moving = (element) =>
    [...(element.shadowRoot ?? element).querySelectorAll("*")]
      .map((element) => getComputedStyle(element))
      .flatMap((style) => [style.transitionDuration, style.animationName === "none" ? "0s" : style.animationDuration])
      .flatMap((durations) => durations.split(", "))
      .filter((duration) => Number.parseFloat(duration) > 0.001);
  expect(await widget.host.evaluate(moving)).toEqual([]);
  expect(await widget.frame.locator("body").evaluate(moving)).toEqual([]);
});

test("the page cannot reach into the chat", async ({ profile, house }) => {
  const page = await profile({ sealed: true });
  await page.goto("/");
  await expect(page.locator("throughline-chat")).toBeAttached();
  await page.mouse.click(1280 - 48, 800 - 48);
  await expect.poll(() => page.frames().length).toBe(2);
  const frame = page.frames()[1];
  await frame.getByRole("textbox", { name: "Your name" }).fill("Secret");
  const reached = await page.evaluate(() => ({
    root: document.querySelector("throughline-chat").shadowRoot,
    frames: window.length,
    iframes: document.querySelectorAll("iframe").length,
    focused: document.activeElement.localName,
    inside: document.querySelector("throughline-chat").childNodes.length,
    api: Object.keys(window.throughline),
  }));
  expect(reached).toEqual({
    root: null, frames: 0, iframes: 0, focused: "throughline-chat", inside: 0, api: ["widget"],
  });
  // Nor can a message from the page open a port to the frame's session.
  const answered = await page.evaluate(
    (origin) =>
      new Promise((resolve) => {
        addEventListener("message", (event) => resolve(event.ports.length));
        window.postMessage("throughline", origin);
        window.postMessage("throughline", "*");
      }),
    house.chat,
  );
  expect(answered).toBe(0);
});

test("a second copy of the tag does nothing but say so", async ({ page, widget, house }) => {
  const warnings = [];
  page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
  await ownPage(page, house, `${house.shop}/twice.html`, { tags: 2 });
  await expect(widget.launcher).toHaveCount(1);
  await expect(widget.host).toHaveCount(1);
  expect(warnings).toEqual([
    "Throughline: the script tag is on this page more than once. Only the first one counts.",
  ]);
  await widget.start();
});

test("calls that a page makes early are kept until the launcher is there", async ({ page, widget, house }) => {
  await ownPage(page, house, `${house.shop}/early.html`, {
    body: `<script>
      window.throughline = window.throughline || function () { (throughline.q = throughline.q || []).push(arguments) };
      window.heard = [];
      throughline("on", "open", () => heard.push("open"));
      throughline("open");
    </script>`,
  });
  await widget.expectOpen();
  expect(await page.evaluate(() => window.heard)).toEqual(["open"]);
  await page.evaluate(() => window.throughline("close"));
  await expect(widget.panel).toBeHidden();
});

test.describe("on a site that is not on the list", () => {
  test.use({ expectedErrors: /status of 403|blocked by CORS policy|ERR_FAILED|frame-ancestors|ERR_BLOCKED_BY_RESPONSE/ });

  test("nothing is drawn, and the console says why", async ({ page, house, widget }) => {
    const warnings = [];
    page.on("console", (message) => message.type() === "warning" && warnings.push(message.text()));
    const stranger = new URL(house.shop);
    stranger.hostname = "stranger.localhost";
    await ownPage(page, house, `${stranger.origin}/`);
    await expect.poll(() => warnings).toEqual([expect.stringMatching(/^Throughline: .*(list|site|page)/)]);
    await expect(widget.host).toHaveCount(0);
    expect(await kept(page)).toEqual([]);
  });

  test("the frame shows nothing either", async ({ page, house }) => {
    const stranger = new URL(house.shop);
    stranger.hostname = "stranger.localhost";
    await page.route(`${stranger.origin}/`, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<!doctype html><title>Stranger</title><link rel="icon" href="data:,">
          <iframe src="${house.chat}/frame/${house.widget}"></iframe>`,
      }),
    );
    const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
    await page.goto(`${stranger.origin}/`);
    await refused;
    await expect(page.frameLocator("iframe").locator("#form")).toHaveCount(0);
  });
});
