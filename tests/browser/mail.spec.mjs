/* Point 1: administrators see what could not be delivered, and have it tried again or thrown away. */
import { expect, test } from "./fixtures.mjs";
import { Mail, UNREADABLE, trouble } from "./mail.mjs";

test("a sound house has nothing undelivered, and only administrators are asked to look", async ({ desk, picture }) => {
  const admin = await desk("admin");
  await admin.tab("Undelivered").click();
  await expect(admin.undelivered).toContainText("Everything that was told was carried out.");
  await expect(admin.undelivered).toContainText("Every part answers.");
  await picture(admin.page, "console-mail-empty");
  const sam = await desk("sam");
  await expect(sam.sessions.getByRole("button", { name: "Overview" })).toBeVisible();
  await expect(sam.tab("Undelivered")).toHaveCount(0);
});

test.describe("with something undelivered", () => {
  test.use({ expectedErrors: /status of 400 .*\/v1\/mail\/again$/ });

  test("each letter says who told whom, when and why, and is tried again or thrown away by the keyboard", async ({
    desk, picture,
  }) => {
    const admin = await desk("admin");
    const mail = await Mail.in(admin.page.context());
    const { keyboard } = admin.page;
    await admin.tab("Undelivered").focus();
    await keyboard.press("Enter");
    const heading = admin.undelivered.getByRole("heading", { name: "Undelivered", level: 1 });
    await expect(heading).toBeFocused();
    const unreadable = admin.undelivered.getByRole("row", { name: "Settings to Routing" });
    const faulty = admin.undelivered.getByRole("row", { name: "Conversations, part 0 to Routing" });
    await expect(unreadable).toContainText(`${UNREADABLE} (40 bytes)`);
    await expect(unreadable.getByRole("time")).toHaveAttribute("datetime", "2026-11-20T09:32:00.000Z");
    await expect(faulty).toContainText("Something went wrong on our side.");
    const held = admin.undelivered.getByRole("row", { name: "Conversations, part 0 to Records" });
    await expect(held).toContainText("3 things wait. It was tried 5 times in a row.");
    await expect(admin.tab("Undelivered")).toContainText("3 need somebody");
    await picture(admin.page, "console-mail");

    mail.refusal = UNREADABLE;
    await keyboard.press("Tab");
    await expect(unreadable.getByRole("button", { name: /^Try again what Settings told Routing/ })).toBeFocused();
    await keyboard.press("Enter");
    await expect(admin.notices).toContainText(UNREADABLE);
    await expect(unreadable.getByRole("button", { name: /^Try again/ })).toBeFocused();

    mail.refusal = undefined;
    await faulty.getByRole("button", { name: /^Try again/ }).press("Enter");
    await expect(faulty).toHaveCount(0);
    await expect(admin.notices).toContainText("It was carried out and is off the list.");
    await expect(heading).toBeFocused();

    const discard = unreadable.getByRole("button", { name: /^Throw away what Settings told Routing/ });
    await discard.press("Enter");
    await expect(admin.dialog).toContainText("Throw away what Settings told Routing?");
    await expect(admin.dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
    await picture(admin.page, "console-mail-question");
    await keyboard.press("Escape");
    await expect(discard).toBeFocused();
    await keyboard.press("Enter");
    // A key that comes before the question is there means nothing to it.
    await expect(admin.dialog.getByRole("button", { name: "Keep it" })).toBeFocused();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await expect(unreadable).toHaveCount(0);
    await expect(admin.notices).toContainText("It was thrown away.");
    expect(mail.asked).toEqual(["/again router 2", "/again router 1", "/discard router 2"]);
    await expect(admin.tab("Undelivered")).toContainText("1 needs somebody");
  });
});

test("what comes while one looks is shown by itself", async ({ desk }) => {
  const admin = await desk("admin");
  const mail = await Mail.in(admin.page.context(), []);
  await admin.tab("Undelivered").click();
  await expect(admin.undelivered).toContainText("Everything that was told was carried out.");
  mail.objects = trouble();
  await expect(admin.undelivered.getByRole("row", { name: "Settings to Routing" })).toBeVisible({ timeout: 15_000 });
});
