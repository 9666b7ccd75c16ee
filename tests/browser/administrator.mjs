/*
 * The administrator, by the staff API: what the console cannot change yet.
 *
 * Node does not resolve `*.localhost` everywhere, so requests go to the loopback address and name the host themselves.
 */
import { request } from "node:http";

export class Administrator {
  #origin;
  #cookie;

  static async signIn(house) {
    const administrator = new Administrator();
    administrator.#origin = new URL(house.desk);
    const { name, password } = house.account("admin");
    const { headers } = await administrator.#send("POST", "/v1/staff/sign-in", { name, password });
    administrator.#cookie = headers["set-cookie"][0].split(";")[0];
    return administrator;
  }

  /** Changes the organisation's settings. `change` gets them and changes them in place. */
  async changeSettings(change) {
    const { body } = await this.#send("GET", "/v1/settings");
    change(body.settings);
    await this.#send("PUT", "/v1/settings", body);
  }

  /** The audit log, the newest line first. */
  async audit() {
    return (await this.#send("GET", "/v1/audit")).body;
  }

  #send(method, path, body) {
    const { host, port, origin } = this.#origin;
    const headers = { host, origin, "content-type": "application/json" };
    if (this.#cookie) headers.cookie = this.#cookie;
    return new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, method, path, headers }, async (response) => {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        if (response.statusCode >= 400) return reject(new Error(`${method} ${path} was refused: ${text}`));
        resolve({ headers: response.headers, body: text ? JSON.parse(text) : undefined });
      });
      sent.on("error", reject);
      sent.end(body && JSON.stringify(body));
    });
  }
}
