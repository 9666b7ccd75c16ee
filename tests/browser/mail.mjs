/*
 * What parts of the system could not tell each other, as the gateway would say it of a house in which something has gone
 * wrong: nothing that anybody does in a browser brings that about. The real gateway is asked in tests/integration.
 */

/** When the letters came. */
const AT = Date.UTC(2026, 10, 20, 9, 30);

export class Mail {
  /** What was asked for, in order. */
  asked = [];
  /** Why the next request is refused, if it is. */
  refusal;

  constructor(objects) {
    this.objects = objects;
  }

  /** Answers in the gateway's place in this profile. */
  static async in(context, objects = trouble()) {
    const mail = new Mail(objects);
    await context.route(/\/v1\/mail(\/\w+)?$/, (route) => mail.#answer(route));
    return mail;
  }

  async #answer(route) {
    const request = route.request();
    const what = new URL(request.url()).pathname.replace("/v1/mail", "");
    if (!what) return route.fulfill({ json: { objects: this.objects } });
    const { object, number } = request.postDataJSON();
    this.asked.push(`${what} ${object} ${number}`);
    if (this.refusal) return route.fulfill({ status: 400, json: { code: "malformed", message: this.refusal, retry_after: null, fields: [] } });
    const held = this.objects.find((one) => one.object === object);
    held.dead = held.dead.filter((letter) => letter.number !== number);
    this.objects = this.objects.filter((one) => one.dead.length || one.held_up.length);
    return route.fulfill({ json: held });
  }
}

/** Two letters, and a part that does not answer. */
export function trouble() {
  const letter = (number, from, reason) => ({ number, at: AT + number * 60_000, from, reason, bytes: 40 });
  return [
    {
      object: "router",
      dead: [letter(2, "demo/settings", UNREADABLE), letter(1, "demo/conversations/0", "Something went wrong on our side. Try again later.")],
      held_up: [],
    },
    {
      object: "conversations/0",
      dead: [],
      held_up: [{ to: "demo/records", waiting: 3, failures: 5, next_try: AT + 3_600_000 }],
    },
  ];
}

export const UNREADABLE = "It cannot be read by this version. Try it again after an update, or throw it away.";
