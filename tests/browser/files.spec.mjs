/* Files: sent from both sides in every way in which people hand over a file, held back, refused, cut, and taken away. */
import { readFile } from "node:fs/promises";
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import {
  Scanner, addressBehind, choose, chooseBy, drop, expectThumbnail, onDisk, open, paste, pdf, png, watchChunks,
} from "./files.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

const CHUNK = 256 * 1024;

async function talking({ page, widget, desk }) {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await expect(conversation.attach).toBeVisible();
  return conversation;
}

test("a customer's files arrive with their very bytes, and can be opened as what they are", async ({
  page, widget, desk, picture,
}, testInfo) => {
  const answer = await talking({ page, widget, desk });
  const photo = png(900, 600);
  const document = pdf(2 * CHUNK + 77);
  await choose(
    page,
    widget.attach,
    await onDisk(testInfo, "broken cup.png", photo),
    await onDisk(testInfo, "r\u00e9ceipt.pdf", document),
  );
  // In the order in which they were chosen, once each, and nothing is left on its way.
  for (const side of [answer, widget]) {
    await expect(side.files).toHaveCount(2);
    await expect(side.bubbles).toContainText([ANSWERS.message, "broken cup.png", "r\u00e9ceipt.pdf"]);
  }
  await expect(widget.uploads).toHaveCount(0);
  await expectThumbnail(widget.file("broken cup.png").locator("img"));
  await expectThumbnail(answer.file("broken cup.png").locator("img"));
  await expect(widget.message("broken cup.png")).toContainText(/Read|Sent/);
  await picture(page, "widget-files");
  await picture(answer.page, "console-files");

  await expect(answer.file("r\u00e9ceipt.pdf")).toContainText("525 KB");
  const receipt = await open(await addressBehind(answer.page, answer.save("r\u00e9ceipt.pdf")));
  expect(receipt.status).toBe(200);
  expect(receipt.headers["content-type"]).toBe("application/pdf");
  expect(receipt.headers["content-disposition"]).toBe("attachment; filename=\"r_ceipt.pdf\"; filename*=UTF-8''r%C3%A9ceipt.pdf");
  expect(receipt.headers["x-content-type-options"]).toBe("nosniff");
  expect(receipt.headers["content-security-policy"]).toBe("sandbox; default-src 'none'");
  expect(receipt.content.equals(document)).toBe(true);

  const shown = await open(await addressBehind(answer.page, answer.opens("broken cup.png")));
  expect(shown.headers["content-type"]).toBe("image/png");
  expect(shown.headers["content-disposition"]).toMatch(/^inline;/);
  expect(shown.content.equals(photo)).toBe(true);
  const address = await addressBehind(page, widget.file("r\u00e9ceipt.pdf"));
  expect((await open(address)).content.equals(document)).toBe(true);
});

test("a representative's files arrive, and are stored under their names", async ({
  page, widget, desk, picture,
}, testInfo) => {
  const answer = await talking({ page, widget, desk });
  const photo = png(640, 480, { hue: 1 });
  await choose(answer.page, answer.attach, await onDisk(testInfo, "label.png", photo));
  await expect(answer.files).toHaveCount(1);
  await expectThumbnail(widget.file("label.png").locator("img"));
  await expect(answer.message("label.png")).toContainText("Seen by the customer");
  await expect(answer.uploads).toHaveCount(0);
  await picture(page, "widget-file-of-representative");

  // A picture is stored too, where that is what was asked for.
  const stored = answer.page.waitForEvent("download");
  await answer.save("label.png").click();
  const download = await stored;
  expect(download.suggestedFilename()).toBe("label.png");
  expect((await readFile(await download.path())).equals(photo)).toBe(true);

  await widget.minimise();
  await choose(answer.page, answer.attach, await onDisk(testInfo, "terms.pdf", pdf(99)));
  await expect(widget.launcher).toHaveAccessibleName("Chat with us, 1 unread");
});

test("files are dropped and pasted on both sides", async ({ page, widget, desk, picture }, testInfo) => {
  const answer = await talking({ page, widget, desk });
  const path = await onDisk(testInfo, "dropped.pdf", pdf(5_000));
  await drop(answer.page, answer.log, [path], async () => {
    await expect(answer.panel.getByText("Drop files here to send them to the customer")).toBeVisible();
    await picture(answer.page, "console-drop");
  });
  await expect(widget.files).toHaveText(["dropped.pdf"]);
  await expect(answer.panel.getByText("Drop files here")).toHaveCount(0);
  const other = await onDisk(testInfo, "returned.pdf", pdf(6_000));
  await drop(page, widget.log, [other]);
  await expect(answer.file("returned.pdf")).toBeVisible();
  // Beside the conversation nothing happens; a browser left alone would show the file in the console's place.
  await drop(answer.page, answer.page.getByRole("navigation", { name: "Sessions" }), [path]);
  await expect(answer.file("dropped.pdf")).toBeVisible();
  await expect(answer.files).toHaveCount(2);

  await paste(answer.page, answer.composer, png(300, 200));
  await expectThumbnail(widget.file("image.png").locator("img"));
  await paste(page, widget.composer, png(200, 300));
  await expect(answer.files).toHaveCount(4);
  await expectThumbnail(answer.file("image.png").last().locator("img"));
  // A table of an office program is its words, and not a picture of them.
  for (const side of [answer, widget]) {
    await paste(side.page, side.composer, png(30, 20), "A table");
    await expect(side.composer).toHaveValue("A table");
    await expect(side.uploads).toHaveCount(0);
  }
  await expect(answer.files).toHaveCount(4);
});

test("a file beside a note is for colleagues only", async ({ page, widget, desk, picture }, testInfo) => {
  const answer = await talking({ page, widget, desk });
  await answer.panel.getByText("Internal note", { exact: true }).click();
  await choose(answer.page, answer.attach, await onDisk(testInfo, "credit.pdf", pdf(900)));
  await expect(answer.message("credit.pdf")).toContainText("Internal note");
  await picture(answer.page, "console-internal-file");
  await answer.panel.getByText("Reply", { exact: true }).click();
  await answer.say("One moment.");
  await expect(widget.message("One moment.")).toBeVisible();
  await expect(widget.files).toHaveCount(0);
});

test.describe("cut", () => {
  test.use({ expectedErrors: CUT_OFF });

  for (const side of ["customer", "representative"]) {
    test(`what the ${side} sends goes on after the network was away`, async ({
      page, widget, desk, picture,
    }, testInfo) => {
      const answer = await talking({ page, widget, desk });
      const here = side === "customer" ? widget : answer;
      const there = side === "customer" ? answer : widget;
      const context = here.page.context();
      const offsets = await watchChunks(context, async (_, count) => {
        if (count === 3) await context.setOffline(true);
      });
      const document = pdf(5 * CHUNK + 9);
      await choose(here.page, here.attach, await onDisk(testInfo, "long.pdf", document));
      await expect(here.uploads).toContainText(/waiting for the connection/i);
      await picture(here.page, `${side}-upload-cut`);
      await expect(there.files).toHaveCount(0);
      await context.setOffline(false);
      await expect(there.files).toHaveCount(1);
      await expect(here.files).toHaveCount(1);
      await expect(here.uploads).toHaveCount(0);
      // It went on where it was: nothing that the gateway had was sent again.
      const resumed = offsets.slice(offsets.lastIndexOf(2 * CHUNK));
      expect(resumed).toEqual([2, 3, 4, 5].map((number) => number * CHUNK));
      const button = side === "customer" ? answer.save("long.pdf") : widget.file("long.pdf");
      const { content } = await open(await addressBehind(there.page, button));
      expect(content.equals(document)).toBe(true);
    });
  }
});

for (const side of ["customer", "representative"]) {
  test.describe("page gone", () => {
    test.use({ expectedErrors: /ERR_FAILED/ });

    test(`a file that was not finished when the ${side}'s page went goes on when it is chosen again`, async ({
      page, widget, desk,
    }, testInfo) => {
      const answer = await talking({ page, widget, desk });
      const here = side === "customer" ? widget : answer;
      const context = here.page.context();
      let broken = true;
      const offsets = await watchChunks(context, async (offset, _, route) => {
        if (offset < 2 * CHUNK || !broken) return;
        await route.abort();
        return "handled";
      });
      const path = await onDisk(testInfo, "long.pdf", pdf(3 * CHUNK + 9));
      await choose(here.page, here.attach, path);
      await expect.poll(() => offsets.at(-1)).toBe(2 * CHUNK);
      await here.page.reload();
      if (side === "customer") await widget.expectOpen();
      await expect(here.attach).toBeVisible();
      broken = false;
      offsets.length = 0;
      await choose(here.page, here.attach, path);
      await expect(answer.files).toHaveCount(1);
      await expect(widget.files).toHaveCount(1);
      expect(offsets).toEqual([2 * CHUNK, 3 * CHUNK]);
      // Chosen once more it is another file.
      await choose(here.page, here.attach, path);
      await expect(answer.files).toHaveCount(2);
    });
  });

  test(`what the ${side} gives up leaves nothing behind`, async ({ page, widget, desk, picture }, testInfo) => {
    const answer = await talking({ page, widget, desk });
    const here = side === "customer" ? widget : answer;
    let release;
    const held = new Promise((resolve) => (release = resolve));
    const offsets = await watchChunks(here.page.context(), async (_, count) => {
      if (count === 2) {
        await held;
        return "handled";
      }
    });
    await choose(
      here.page,
      here.attach,
      await onDisk(testInfo, "long.pdf", pdf(3 * CHUNK)),
      await onDisk(testInfo, "next.pdf", pdf(400)),
    );
    await expect.poll(() => offsets.length).toBe(2);
    await expect(here.uploads).toHaveCount(2);
    await expect(here.uploads.last()).toContainText(/waits for the files before it/i);
    await picture(here.page, `${side}-upload-progress`);
    const given = here.page.waitForResponse((response) => response.request().method() === "DELETE");
    await here.frameOrPanel.getByRole("button", { name: "Cancel long.pdf" }).press("Enter");
    expect((await given).ok()).toBe(true);
    release();
    await expect(here.composer).toBeFocused();
    // The one behind it goes all the same.
    await expect(answer.files).toHaveCount(1);
    await expect(answer.file("next.pdf")).toBeVisible();
    await expect(here.uploads).toHaveCount(0);
  });
}

test.describe("refused", () => {
  test.use({ expectedErrors: /status of (403|404|413|415|422)/ });

  for (const side of ["customer", "representative"]) {
    test(`whatever the ${side} may not send is refused with a sentence`, async ({
      page, widget, desk, administrator, picture,
    }, testInfo) => {
      await administrator.changeSettings(({ widgets: [shop] }) => {
        shop.files = { customers: true, staff: true, max_bytes: 100_000, kinds: ["image", "document"] };
      });
      const answer = await talking({ page, widget, desk });
      const here = side === "customer" ? widget : answer;
      await choose(
        here.page,
        here.attach,
        await onDisk(testInfo, "large.pdf", pdf(100_001)),
        await onDisk(testInfo, "empty.pdf", Buffer.alloc(0)),
        await onDisk(testInfo, "notes.txt", "Nothing much"),
        await onDisk(testInfo, "contract.pdf", png(20, 20)),
        await onDisk(testInfo, "good.pdf", pdf(400)),
      );
      const refused = (name) => here.uploads.filter({ hasText: name });
      await expect(refused("large.pdf")).toContainText("The file has 101 KB, and files here have at most 100 KB.");
      await expect(refused("empty.pdf")).toContainText("The file is empty.");
      await expect(refused("notes.txt")).toContainText("Files of this kind cannot be sent here.");
      await expect(refused("contract.pdf")).toContainText("The file is not what its name says");
      // What is good arrives all the same.
      await expect(answer.files).toHaveCount(1);
      await expect(answer.file("good.pdf")).toBeVisible();
      await picture(here.page, `${side}-refused`);
      for (const name of ["large.pdf", "empty.pdf", "notes.txt", "contract.pdf"]) {
        await here.frameOrPanel.getByRole("button", { name: `Dismiss ${name}` }).click();
      }
      await expect(here.uploads).toHaveCount(0);
    });
  }

  test("where nobody may send files there is no button, and dropping says why", async ({
    page, widget, desk, administrator, picture,
  }, testInfo) => {
    await administrator.changeSettings(({ workstreams: [chat] }) => {
      chat.files = { customers: false, staff: false, max_bytes: 1_000, kinds: ["image"] };
    });
    const ana = await desk("ana");
    await page.goto("/");
    await widget.start();
    const asked = ana.page.waitForResponse((response) => response.url().endsWith("/files"));
    const answer = await ana.accept(ANSWERS.name);
    await asked;
    await answer.say("Show me, please.");
    await expect(widget.message("Show me, please.")).toBeVisible();
    await expect(answer.attach).toHaveCount(0);
    await expect(widget.attach).toHaveCount(0);
    const path = await onDisk(testInfo, "cup.png", png(20, 20));
    const sentence = "Your organisation does not let files be sent in this conversation.";
    await drop(ana.page, answer.log, [path], async () => {
      await expect(answer.panel.getByText(sentence)).toBeVisible();
      await picture(ana.page, "console-drop-refused");
    });
    await drop(page, widget.log, [path]);
    await expect(widget.uploads).toContainText("Files cannot be sent here.");
    await picture(page, "widget-drop-refused");
    await expect(answer.bubbles).toHaveCount(2);
  });

  test("the scanner holds a file back until it has spoken, and what it finds is deleted", async ({
    page, widget, desk, administrator, picture,
  }, testInfo) => {
    const scanner = await Scanner.open();
    await administrator.changeSettings((settings) => {
      settings.scanner = scanner.settings;
    });
    const answer = await talking({ page, widget, desk });
    await choose(answer.page, answer.attach, await onDisk(testInfo, "offer.pdf", pdf(800)));
    await expect(answer.uploads).toContainText("is being checked");
    await picture(answer.page, "console-checking");
    await choose(page, widget.attach, await onDisk(testInfo, "order.pdf", pdf(700)));
    await expect(widget.uploads).toContainText("Is being checked");
    await picture(page, "widget-checking");
    // Nobody knows of either.
    await expect(answer.files).toHaveCount(0);
    await expect(widget.files).toHaveCount(0);
    await scanner.says("clean");
    await expect(widget.file("offer.pdf")).toBeVisible();
    await expect(answer.file("offer.pdf")).toBeVisible();
    await scanner.says("infected");
    await expect(widget.uploads).toContainText("The scanner found something harmful in the file. It was deleted.");
    await expect(answer.files).toHaveCount(1);
    await scanner.close();
  });
});

test.describe("taken away", () => {
  test.use({ expectedErrors: /status of 404/ });

  test("a file that is removed is gone for everybody, with its bytes, and a supervisor's hand is in the audit log", async ({
    page, widget, desk, administrator, picture,
  }, testInfo) => {
    const answer = await talking({ page, widget, desk });
    await choose(answer.page, answer.attach, await onDisk(testInfo, "wrong.png", png(500, 400)));
    await expectThumbnail(widget.file("wrong.png").locator("img"));
    const address = await addressBehind(answer.page, answer.opens("wrong.png"));
    expect((await open(address)).status).toBe(200);
    await answer.remove("wrong.png");
    for (const side of [answer, widget]) {
      await expect(side.files).toHaveCount(0);
      await expect(side.bubbles).toContainText([ANSWERS.message, /removed/]);
    }
    await picture(page, "widget-file-removed");
    await picture(answer.page, "console-file-removed");
    expect((await open(address)).status).toBe(404);

    await choose(page, widget.attach, await onDisk(testInfo, "card number.pdf", pdf(300)));
    await expect(answer.file("card number.pdf")).toBeVisible();
    // Only a supervisor removes what others sent.
    await expect(answer.message("card number.pdf").getByRole("button", { name: "Change this file" })).toHaveCount(0);
    const sam = await desk("sam");
    await sam.watch();
    await sam.row(ANSWERS.name).getByRole("button", { name: "Monitor" }).click();
    const watched = sam.conversation(ANSWERS.name);
    await watched.remove("card number.pdf");
    await expect(widget.files).toHaveCount(0);
    await expect(answer.files).toHaveCount(0);
    await expect
      .poll(async () => (await administrator.audit()).map(({ what }) => what))
      .toContainEqual(expect.stringMatching(/^Removed a file of the customer \(number \d+\) from the conversation /));
  });
});

test("files can be sent with the keyboard alone, in a narrow pane", async ({ desk, page, widget, picture }, testInfo) => {
  const ana = await desk("ana", { viewport: { width: 320, height: 640 } });
  await page.goto("/");
  await widget.start();
  const answer = await ana.accept(ANSWERS.name);
  await expect(answer.attach).toBeVisible();
  await answer.composer.focus();
  await ana.page.keyboard.press("Shift+Tab");
  await expect(answer.attach).toBeFocused();
  const path = await onDisk(testInfo, "a rather long name of a picture from a telephone.png", png(800, 600));
  await chooseBy(ana.page, () => ana.page.keyboard.press("Enter"), path);
  await expectThumbnail(answer.file("telephone.png").locator("img"));
  await picture(ana.page, "console-files-320");
  // Nothing is wider than the pane.
  expect(await ana.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);

  const visitor = new Widget(page);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectThumbnail(visitor.file("telephone.png").locator("img"));
  await picture(page, "widget-files-320");
});

for (const side of ["customer", "staff"]) {
  test(`a part of a file that is never answered is sent again, by the ${side}`, async ({ page, widget, desk }, testInfo) => {
    await page.clock.install();
    const answer = await talking({ page, widget, desk });
    const sender = side === "customer" ? widget : answer;
    if (side === "staff") {
      // The clock has to be there before the page is.
      await answer.page.clock.install();
      await answer.page.reload();
      await expect(answer.attach).toBeVisible();
    }
    let silent = 0;
    const swallow = () => void silent++;
    await sender.page.route(/\/bytes\/0$/, swallow, { times: 1 });
    await choose(sender.page, sender.attach, await onDisk(testInfo, "slow.pdf", pdf(5_000)));
    await expect.poll(() => silent).toBe(1);
    // Each timer rings once: the heartbeats of two minutes cannot all be answered in a moment.
    await sender.page.clock.fastForward(125_000);
    await expect(answer.file("slow.pdf")).toBeVisible();
    await expect(widget.file("slow.pdf")).toBeVisible();
    await expect(sender.uploads).toHaveCount(0);
  });
}

test.describe("forgotten", () => {
  test.use({ expectedErrors: /status of 404/ });

  for (const side of ["customer", "staff"]) {
    test(`a file of which nothing came for so long that its offer is forgotten is offered again, by the ${side}`, async ({
      page, widget, desk,
    }, testInfo) => {
      const answer = await talking({ page, widget, desk });
      const sender = side === "customer" ? widget : answer;
      const problem = { code: "unknown_file", message: "There is no such file.", retry_after: null, fields: [] };
      const forget = (route) => route.fulfill({ status: 404, json: problem });
      await sender.page.route(/\/bytes\/0$/, forget, { times: 1 });
      await choose(sender.page, sender.attach, await onDisk(testInfo, "late.pdf", pdf(5_000)));
      await expect(answer.file("late.pdf")).toBeVisible();
      await expect(widget.file("late.pdf")).toBeVisible();
      await expect(sender.uploads).toHaveCount(0);
    });
  }
});
