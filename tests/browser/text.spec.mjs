/* Text is text: what looks like markup is shown as it was written, on both sides. */
import { expect, test } from "./fixtures.mjs";

const NAME = `<img src=x onerror="window.broken=1">`;
const MESSAGE = `<script>window.broken=1</script><svg onload="window.broken=1">&lt;b&gt;`;
const REPLY = `"><iframe srcdoc="<script>top.broken=1</script>"></iframe><a href="javascript:window.broken=1">x</a>`;

async function expectWhole(page) {
  for (const frame of page.frames()) expect(await frame.evaluate(() => window.broken)).toBeUndefined();
}

test("names, answers and messages that look like markup stay text", async ({ page, widget, desk, picture }) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start({ name: NAME, message: MESSAGE });
  await expect(widget.bubbles).toHaveText([MESSAGE]);
  await expect(ana.offers.getByRole("heading", { name: NAME })).toBeVisible();
  await expect(ana.offers.locator("img, script, iframe")).toHaveCount(0);

  const conversation = await ana.accept(NAME);
  await expect(conversation.bubbles).toHaveText([MESSAGE]);
  await expect(conversation.panel.getByRole("heading", { level: 1 })).toHaveText(NAME);
  await conversation.say(REPLY);
  await expect(widget.bubbles).toHaveText([MESSAGE, REPLY]);
  await expect(conversation.bubbles).toHaveText([MESSAGE, REPLY]);
  await picture(ana.page, "console-markup-is-text");

  const foreign = "script:not([src]), iframe, img, [onerror], [onload], a[href^='javascript']";
  await expect(widget.frame.locator("body").locator(foreign)).toHaveCount(0);
  await expect(ana.page.locator("body").locator(foreign)).toHaveCount(0);
  await expectWhole(page);
  await expectWhole(ana.page);
});

test("addresses become links that say where they go and tell nothing about the page", async ({ page, widget }) => {
  await page.goto("/");
  await widget.start({ message: "See https://example.com/a?b=c#d and javascript:alert(1) please" });
  const links = widget.log.getByRole("link");
  await expect(links).toHaveText(["https://example.com/a?b=c#d"]);
  await expect(links).toHaveAttribute("href", "https://example.com/a?b=c#d");
  await expect(links).toHaveAttribute("target", "_blank");
  await expect(links).toHaveAttribute("rel", /noopener/);
});
