/* Edits and removals: each side's are seen by the other, and what is changed without a network is changed after. */
import { CUT_OFF, expect, test } from "./fixtures.mjs";
import { ANSWERS } from "./widget.mjs";

async function talking({ page, widget, desk }) {
  const ana = await desk("ana");
  await page.goto("/");
  await widget.start();
  const conversation = await ana.accept(ANSWERS.name);
  await conversation.say("It arives today.");
  await expect(widget.message("It arives today.")).toBeVisible();
  return conversation;
}

/**
 * Sends a frame as the visitor, from another client of theirs: the widget shows what was changed, and offers no way to
 * change it. `frame` is given the number of the message that says `text`, and an id for what it sends.
 */
async function asVisitor(widget, text, kind, more = {}) {
  const [, frame] = widget.page.frames();
  await frame.evaluate(
    ([text, kind, more]) =>
      new Promise((resolve, reject) => {
        const name = Object.keys(localStorage).find((key) => key.endsWith(":session"));
        const [token, conversation] = localStorage.getItem(name).split(" ");
        const address = `${location.origin.replace("http", "ws")}/v1/conversations/${conversation}/socket`;
        const socket = new WebSocket(address, "throughline.v1.json");
        const message = crypto.randomUUID();
        socket.onopen = () => socket.send(JSON.stringify({ hello: { token, holds: null } }));
        socket.onerror = reject;
        const hear = (heard) => {
          if (heard.accepted?.message === message) {
            socket.close();
            resolve();
          }
          if (heard.refused) reject(new Error(JSON.stringify(heard)));
          const entries = heard.entries?.entries ?? heard.history?.entries ?? [];
          const target = entries.find(({ content }) => content.text?.text === text)?.sequence;
          if (target) socket.send(JSON.stringify({ [kind]: { message, target, ...more } }));
        };
        // The frames of one turn come in one message, a line each.
        socket.onmessage = ({ data }) => data.split("\n").map((line) => hear(JSON.parse(line)));
      }),
    [text, kind, more],
  );
}

test("what either side edits or removes, the other sees so, also after a reload", async ({
  page, widget, desk, picture,
}) => {
  const answer = await talking({ page, widget, desk });
  await answer.edit("It arives today.", "It arrives today.");
  await expect(widget.bubbles).toHaveText([ANSWERS.message, /^It arrives today\.\s*edited$/i]);
  await answer.say("Your card ends with 4711.");
  await expect(widget.message("4711")).toBeVisible();
  await answer.remove("4711");
  const all = [ANSWERS.message, /^It arrives today\./, /removed/i];
  await expect(widget.bubbles).toHaveText(all);
  await expect(answer.bubbles).toHaveText(all);
  await picture(page, "widget-amended");
  await picture(answer.page, "console-amended");

  await widget.say("My pasword is tulip");
  await expect(answer.message("My pasword is tulip")).toBeVisible();
  await asVisitor(widget, ANSWERS.message, "edit", { text: "Where is my large parcel?" });
  await expect(answer.bubbles.first()).toHaveText(/^Where is my large parcel\?\s*edited$/i);
  await asVisitor(widget, "My pasword is tulip", "redact");
  const then = [/^Where is my large parcel\?/, ...all.slice(1), /removed/i];
  await expect(answer.bubbles).toHaveText(then);
  await expect(widget.bubbles).toHaveText(then);

  await page.reload();
  await widget.expectOpen();
  await expect(widget.bubbles).toHaveText(then);
  await answer.page.reload();
  await expect(answer.bubbles).toHaveText(then);
});

test("a message that is edited away by nothing is not, and Escape leaves it as it was", async ({ page, widget, desk }) => {
  const answer = await talking({ page, widget, desk });
  await answer.edit("It arives today.", "   ");
  await expect(answer.log.getByText("To take it away, remove the message.")).toBeVisible();
  await answer.log.getByRole("textbox", { name: "Edit the message" }).press("Escape");
  await expect(answer.bubbles.last()).toHaveText("It arives today.");
  // What the customer wrote is not hers to change.
  await expect(answer.message(ANSWERS.message).getByRole("button", { name: /^Change/ })).toHaveCount(0);
});

test.describe("without a connection", () => {
  test.use({ expectedErrors: CUT_OFF });

  test("what is edited and removed waits, outlives the page, and is sent after", async ({
    page, widget, desk, house, picture,
  }) => {
    const answer = await talking({ page, widget, desk });
    await answer.say("Your card ends with 4711.");
    await expect(widget.message("4711")).toBeVisible();
    await house.kill();
    await expect(answer.panel.getByText("Reconnecting…")).toBeVisible();
    await answer.edit("It arives today.", "It arrives today.");
    await answer.remove("4711");
    await expect(answer.message("It arrives today.")).toContainText("Waiting for the connection");
    await picture(answer.page, "console-amended-offline");
    // The visitor has not heard of it.
    await expect(widget.message("4711")).toBeVisible();
    await house.start();
    const all = [ANSWERS.message, /^It arrives today\./, /removed/i];
    await expect(widget.bubbles).toHaveText(all);
    await expect(answer.bubbles).toHaveText(all);
    await expect(answer.message("It arrives today.")).not.toContainText("Waiting");
  });

  test("an edit of which no answer came is made once after the page was loaded again", async ({
    page, widget, desk,
  }) => {
    let deaf = false;
    const answer = await talking({ page, widget, desk });
    const context = answer.page.context();
    await context.routeWebSocket(/\/v1\/conversations\/[^/]+\/socket$/, (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((frame) => server.send(frame));
      server.onMessage((frame) => deaf || socket.send(frame));
    });
    await answer.page.reload();
    await expect(answer.bubbles).toHaveCount(2);
    await expect(answer.panel.getByText("Reconnecting…")).toHaveCount(0);
    deaf = true;
    await answer.edit("It arives today.", "It arrives today.");
    await expect(widget.bubbles.last()).toHaveText(/^It arrives today\./);
    deaf = false;
    await answer.page.reload();
    const all = [ANSWERS.message, /^It arrives today\.\s*edited$/i];
    await expect(answer.bubbles).toHaveText(all);
    await expect(answer.message("It arrives today.")).not.toContainText(/Sending|Waiting/);
    await expect(widget.bubbles).toHaveText(all);
  });
});
