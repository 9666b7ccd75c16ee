/* Point 4: supervisors do one thing with many conversations, and are told what became of each. */
import { expect, test } from "./fixtures.mjs";
import { Widget } from "./widget.mjs";

const CUSTOMERS = ["Ada Byron", "Bea Lund", "Cleo Marsh"];

/** Three customers: Ana has the first, nobody the others, and Sam looks at all of them. */
async function scene({ profile, desk, administrator }) {
  // The system offers nothing: representatives take work by hand.
  await administrator.changeSettings((settings) => {
    settings.workstreams[0].sessions.distribution = "pick";
  });
  const ana = await desk("ana");
  for (const name of CUSTOMERS) {
    const widget = new Widget(await profile());
    await widget.page.goto("/");
    await widget.start({ name });
  }
  await ana.open.getByRole("button", { name: `Assign to me the conversation with ${CUSTOMERS[0]}` }).click();
  await expect(ana.conversation(CUSTOMERS[0]).bubbles).toHaveCount(1);
  const sam = await desk("sam");
  await sam.watch();
  await expect(sam.row(CUSTOMERS[0])).toContainText("Active");
  for (const name of CUSTOMERS.slice(1)) await expect(sam.row(name)).toContainText("Waiting");
  return { ana, sam };
}

const all = (sam) => sam.overview.getByRole("checkbox", { name: "Choose all shown" });
const one = (sam, name) => sam.overview.getByRole("checkbox", { name: `Choose the conversation with ${name}` });
const chosen = (sam) => sam.overview.getByRole("group", { name: "Chosen conversations" });

test("what is chosen and shown is assigned, and what is refused is named with the reason", async ({
  profile, desk, administrator, picture,
}) => {
  const { sam } = await scene({ profile, desk, administrator });
  const ben = await desk("ben");
  await expect(chosen(sam).getByRole("button")).toHaveCount(0);
  await all(sam).focus();
  await sam.page.keyboard.press("Space");
  await expect(chosen(sam)).toContainText("3 chosen");
  for (const name of CUSTOMERS) await expect(one(sam, name)).toBeChecked();
  await picture(sam.page, "console-chosen");

  await sam.page.keyboard.press("Tab");
  await expect(chosen(sam).getByRole("button", { name: "Assign 3 conversations" })).toBeFocused();
  await sam.page.keyboard.press("Enter");
  await expect(sam.dialog).toContainText("Who should take 3 conversations?");
  // Who waits stands above what somebody has.
  await expect(sam.dialog).toContainText("Bea Lund, Cleo Marsh and Ada Byron");
  await picture(sam.page, "console-choose-for-many");
  await sam.dialog.getByRole("button", { name: "Ben Castillo" }).click();
  await expect(sam.dialog).toContainText("Ben Castillo is asked to take 2 conversations.");
  const refused = sam.dialog.getByRole("listitem");
  await expect(refused).toHaveCount(1);
  await expect(refused).toContainText(CUSTOMERS[0]);
  await expect(refused).toContainText(/\.$/);
  await picture(sam.page, "console-outcome-of-many");
  await sam.page.keyboard.press("Enter");
  await expect(sam.dialog).toBeHidden();
  for (const name of CUSTOMERS.slice(1)) {
    await expect(ben.offer(name)).toContainText("Assigned to you by Sam Okafor");
  }
});

test("what is not in sight is not chosen, and what somebody has goes to another queue", async ({
  profile, desk, administrator,
}) => {
  const { ana, sam } = await scene({ profile, desk, administrator });
  await all(sam).check();
  await sam.overview.getByRole("combobox", { name: "State" }).selectOption("Active");
  await expect(chosen(sam)).toContainText("1 chosen");
  await chosen(sam).getByRole("button", { name: "Transfer 1 conversation" }).click();
  await expect(sam.dialog).toContainText("Who should take over 1 conversation?");
  await sam.dialog.getByRole("searchbox", { name: "Find by name" }).fill("returns");
  await sam.dialog.getByRole("button", { name: "Returns & repairs" }).click();
  await expect(sam.notices).toContainText("1 conversation was transferred to Returns & repairs.");
  await expect(ana.panel(CUSTOMERS[0])).toBeHidden();
});

test("many are closed for everybody, after a question, and the focus stays on the page", async ({
  profile, desk, administrator, picture,
}) => {
  const { ana, sam } = await scene({ profile, desk, administrator });
  await all(sam).check();
  await one(sam, CUSTOMERS[1]).uncheck();
  await expect(all(sam)).toHaveJSProperty("indeterminate", true);
  const close = chosen(sam).getByRole("button", { name: "Close 2 conversations" });
  await close.click();
  await expect(sam.dialog).toContainText("Close 2 conversations?");
  await expect(sam.dialog).toContainText("Cleo Marsh and Ada Byron. They end at once for the customers");
  await picture(sam.page, "console-close-many");
  await sam.dialog.getByRole("button", { name: "Leave them open" }).click();
  await expect(close).toBeFocused();
  await close.press("Enter");
  await sam.dialog.getByRole("button", { name: "Close them" }).click();
  await expect(sam.notices).toContainText("2 conversations were closed.");
  await expect(sam.row(CUSTOMERS[0])).toHaveCount(0);
  await expect(sam.row(CUSTOMERS[2])).toHaveCount(0);
  await expect(sam.row(CUSTOMERS[1])).toHaveCount(1);
  await expect(all(sam)).toBeFocused();
  await expect(ana.panel(CUSTOMERS[0])).toHaveCount(0);
});
