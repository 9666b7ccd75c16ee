/*
 * The two pictures of README, of a conversation as it may go. They are taken each time and kept among the artefacts; with
 * `--update-snapshots`, or if they are missing, they also go to www/pictures.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "./fixtures.mjs";
import { Widget } from "./widget.mjs";

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), "../../www/pictures");

test("a conversation in the shop, and the same one in the console", async ({ profile, desk }, { config }) => {
  const options = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2 };
  const take = async (page, name) => {
    const path = join(config.rootDir, "artefacts/pictures", `readme-${name}.png`);
    const target = join(FOLDER, `${name}.png`);
    // Nothing is hovered.
    await page.mouse.move(640, 4);
    const { length } = await page.screenshot({ path, animations: "disabled" });
    expect(length).toBeGreaterThan(50_000);
    const wanted = ["all", "changed"].includes(config.updateSnapshots);
    if (!wanted && existsSync(target)) return;
    await mkdir(FOLDER, { recursive: true });
    await copyFile(path, target);
  };

  const ana = await desk("ana", options);
  const widget = new Widget(await profile(options));
  await widget.page.goto("/");
  await widget.start({ name: "Mira Holm", topic: "An order", message: "Hello! Does the Harbour Teapot come in oat?" });
  const conversation = await ana.accept("Mira Holm");
  await conversation.say("Hello Mira! It does: moss, harbour and oat.");
  await expect(widget.bubbles).toHaveCount(2);
  await widget.say("Lovely. Is it here by Friday?");
  await expect(conversation.bubbles).toHaveCount(3);
  await conversation.say("Yes, if you order before noon.");
  await expect(widget.bubbles).toHaveCount(4);

  const other = new Widget(await profile());
  await other.page.goto("/");
  await other.start({ name: "Jonas Weck", topic: "A return or a repair", message: "My bowl arrived with a chip." });
  await expect(ana.offer("Jonas Weck")).toBeVisible();
  await expect(conversation.message("Yes, if you order before noon.")).toContainText("Seen by the customer");
  await take(ana.page, "console");
  await conversation.composer.pressSequentially("A good choice");
  await expect(widget.frame.getByText("Ana is typing")).toBeVisible();
  await take(widget.page, "widget");
});
