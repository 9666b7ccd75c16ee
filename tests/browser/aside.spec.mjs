/* A conversation that is set aside until the customer writes, and presences that the organisation made up. */
import { expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

test("a conversation is set aside where its channel allows it, keeps its tab, and is taken up again", async ({
  page, widget, desk, administrator, picture,
}) => {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const talk = await ana.accept(ANSWERS.name);
  const aside = talk.panel.getByRole("button", { name: "Set aside until the customer writes" });
  await expect(aside, "a live chat waits for nobody").toHaveCount(0);

  await administrator.changeSettings((settings) => {
    settings.workstreams.forEach((workstream) => {
      workstream.sessions = { ...workstream.sessions, channel: "persistent_chat" };
    });
  });
  await aside.click();
  await expect(talk.panel.getByText("It does not count towards your capacity.")).toBeVisible();
  await ana.expectPresence("Available", "0/100");
  await picture(ana.page, "console-set-aside");

  await ana.page.reload();
  await expect(talk.panel.getByRole("button", { name: "Take up again" })).toBeVisible();
  await ana.sessions.getByRole("button", { name: "Home" }).click();
  const row = ana.mine.getByRole("row", { name: ANSWERS.name });
  await expect(row).toContainText("Set aside");
  await row.getByRole("button", { name: "Take up" }).click();
  await expect(talk.composer).toBeVisible();
  await ana.expectPresence("Busy", "50/100");
});

test("presences that the organisation made up can be chosen as soon as they are saved, by supervisors for others too", async ({
  desk, administrator, picture,
}) => {
  const ana = await desk("ana");
  const sam = await desk("sam");
  await sam.watch();
  await administrator.changeSettings((settings) => {
    settings.presences = [
      { id: "00000000-0000-7000-8000-000000000001", name: "Training", text: "In a training", base: "busy" },
      { id: "00000000-0000-7000-8000-000000000002", name: "Lunch", text: "At lunch", base: "away" },
    ];
  });
  await ana.presence.click();
  const options = ana.page.getByRole("listbox", { name: "Presence" }).getByRole("option");
  const names = ["Available", "Busy", "In a training", "Do not disturb", "Away", "At lunch", "Offline"];
  await expect(options).toHaveText(names);
  await picture(ana.page, "console-presences");
  await ana.page.keyboard.press("i");
  await ana.page.keyboard.press("Enter");
  await ana.expectPresence("In a training");

  await expect(sam.row("Ana Lindqvist")).toContainText("In a training");
  await sam.row("Ana Lindqvist").getByRole("button", { name: "Set presence of Ana Lindqvist" }).click();
  await sam.dialog.getByLabel("Presence").selectOption("At lunch");
  await sam.dialog.getByLabel("Reason").fill("It is noon.");
  await sam.dialog.getByRole("button", { name: "Set presence" }).click();
  await ana.expectPresence("At lunch");

  await administrator.changeSettings((settings) => {
    settings.presences = settings.presences.filter(({ name }) => name !== "Training");
  });
  await ana.presence.click();
  await expect(options).toHaveText(names.filter((name) => name !== "In a training"));
});
