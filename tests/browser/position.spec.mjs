/* What visitors who wait see of the line, and what they see when there is nothing to be seen of the chat. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS, Widget } from "./widget.mjs";

test("who waits sees their place, and that it changes when somebody is served", async ({
  page,
  widget,
  profile,
  desk,
  administrator,
  picture,
}) => {
  await administrator.changeSettings((settings) => {
    for (const representative of settings.representatives) representative.capacity = 50;
  });
  await page.goto("/");
  await widget.start();
  await expect(widget.place).toContainText("You are next.");
  const second = new Widget(await profile());
  await second.page.goto("/");
  await second.start({ name: "Jon Berg" });
  await expect(second.place).toContainText("One person is ahead of you.");
  await picture(second.page, "place-in-the-line");
  const ana = await desk("ana");
  await ana.accept(ANSWERS.name);
  await expect(widget.place).toBeHidden();
  await expect(second.place).toContainText("You are next.", { timeout: 15_000 });
  await expect(second.place, "it is read out").toHaveAttribute("aria-live", "polite");
  await second.page.reload();
  await expect(second.place).toContainText("You are next.");
});

test.describe("when the chat does not load", () => {
  test.use({ expectedErrors: /widget\.[^ ]*wasm|Failed to (fetch|load)|ERR_FAILED|WebAssembly|TypeError/ });

  test("the window says so, and trying again helps", async ({ page, widget, picture }) => {
    let broken = true;
    await page.route("**/assets/widget*.wasm", (route) => (broken ? route.abort() : route.continue()));
    await page.goto("/");
    await widget.launcher.click();
    await expect(widget.frame.getByText("The chat did not load.")).toBeVisible();
    await picture(page, "not-loaded");
    broken = false;
    await widget.frame.getByRole("link", { name: "Try again" }).click();
    await expect(widget.startButton).toBeVisible();
  });
});
