/* Files for tests, a scanner that speaks when it is told to, and the ways in which people hand files to a page. */
import { Buffer } from "node:buffer";
import { createServer, request } from "node:http";
import { utimes, writeFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import { expect } from "@playwright/test";

/** A picture that every program can open: stripes of a colour, or noise that cannot be made smaller. */
export function png(width, height, { noise = false, hue = 0 } = {}) {
  const rows = Buffer.alloc(height * (1 + width * 3));
  let seed = 7;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width * 3; x++) {
      seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
      const stripe = (Math.floor((x / 3 + y) / 40) % 2) * 60;
      rows[y * (1 + width * 3) + 1 + x] = noise ? seed >> 16 : stripe + (((x % 3) + hue) % 3) * 60 + 40;
    }
  }
  const chunk = (type, data) => {
    const framed = Buffer.alloc(data.length + 12);
    framed.writeUInt32BE(data.length);
    framed.write(type, 4, "ascii");
    data.copy(framed, 8);
    framed.writeUInt32BE(crc32(framed.subarray(4, data.length + 8)), data.length + 8);
    return framed;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

/** A document by its first bytes, so long that it goes in several chunks. */
export function pdf(bytes) {
  const content = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; at++) content[at] = (at * 31 + (at >> 8) * 7) & 0xff;
  content.write("%PDF-1.7\n", 0, "ascii");
  return content;
}

/** Writes a file where a person could choose it. It never seems to change. */
export async function onDisk(testInfo, name, content) {
  const path = testInfo.outputPath(name);
  await writeFile(path, content);
  await utimes(path, 1_750_000_000, 1_750_000_000);
  return path;
}

/** Chooses files in the dialog that this button opens when it is pressed. */
export async function choose(page, button, ...paths) {
  await chooseBy(page, () => button.click(), ...paths);
}

/** Chooses files in the dialog that opens by what `press` does. */
export async function chooseBy(page, press, ...paths) {
  const asked = page.waitForEvent("filechooser");
  // The browser has to know that it is not a person who chooses, before it is asked to open the dialog.
  await page.evaluate(() => document.readyState);
  await press();
  await (await asked).setFiles(paths);
}

/** Drags files over an element as the system does, calls `over`, and lets them go. */
export async function drop(page, target, paths, over = async () => {}) {
  const box = await target.boundingBox();
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data };
  for (const type of ["dragEnter", "dragOver"]) await session.send("Input.dispatchDragEvent", { type, ...at });
  await over();
  await session.send("Input.dispatchDragEvent", { type: "drop", ...at });
  await session.detach();
}

/**
 * Puts a picture into the clipboard, as a program that takes pictures of the screen does, and pastes it; with `words` beside
 * it, as office programs do.
 */
export async function paste(page, field, picture, words) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.bringToFront();
  await page.evaluate(
    async ([base64, words]) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const copied = { "image/png": new Blob([bytes], { type: "image/png" }) };
      if (words) copied["text/plain"] = new Blob([words], { type: "text/plain" });
      await navigator.clipboard.write([new ClipboardItem(copied)]);
    },
    [picture.toString("base64"), words],
  );
  await field.click();
  await field.press("Control+V");
}

/** What the gateway says at an address: status, headers and bytes. */
export function open(address) {
  const { host, port, pathname, search } = new URL(address);
  const asked = { host: "127.0.0.1", port, path: pathname + search, headers: { host } };
  return new Promise((resolve, reject) => {
    const sent = request(asked, async (response) => {
      const content = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode, headers: response.headers, content });
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Presses a button that opens a file, and gives the address to which it leads. */
export async function addressBehind(page, button) {
  const answered = page.context().waitForEvent("response", (response) => response.url().endsWith("/link"));
  await button.click();
  return (await (await answered).json()).address;
}

/** Which chunks a profile sends, by where they begin; `before` is called before each goes. */
export async function watchChunks(context, before = async () => {}) {
  const offsets = [];
  await context.route(/\/files\/[^/]+\/bytes\/\d+$/, async (route) => {
    const offset = +route.request().url().split("/").pop();
    offsets.push(offset);
    if ((await before(offset, offsets.length, route)) !== "handled") await route.continue();
  });
  return offsets;
}

/** A picture is shown, and it was made in this page. */
export async function expectThumbnail(image) {
  await expect(image).toBeVisible();
  await expect(image).toHaveAttribute("src", /^blob:/);
  await expect.poll(() => image.evaluate((node) => node.naturalWidth)).toBeGreaterThan(0);
}

/** A scanner, which answers when a test says what. */
export class Scanner {
  #server;
  #waiting = [];
  #asked = [];

  static async open() {
    const scanner = new Scanner();
    scanner.#server = createServer(async (message, answer) => {
      await message.toArray();
      const next = scanner.#waiting.shift();
      if (next) next(answer);
      else scanner.#asked.push(answer);
    });
    await new Promise((resolve) => scanner.#server.listen(0, "127.0.0.1", resolve));
    return scanner;
  }

  get settings() {
    return { address: `http://127.0.0.1:${this.#server.address().port}/scan`, secret: "scanner-secret" };
  }

  /** Waits until it is asked about a file, and says what it is. */
  async says(verdict) {
    const answer = this.#asked.shift() ?? (await new Promise((resolve) => this.#waiting.push(resolve)));
    answer.writeHead(200, { "content-type": "application/json" });
    answer.end(JSON.stringify({ verdict }));
  }

  async close() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
