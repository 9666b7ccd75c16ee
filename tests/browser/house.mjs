/*
 * A whole Throughline for the tests: gateway, demonstration organisation and sites, on ports and data of their own.
 *
 * The process is `cargo xtask serve`. It ends when its standard input does, so that nothing is left behind when a test
 * run is cut off.
 */
import { spawn } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");

export class House {
  #process;
  #lines;
  #folder;
  #running = true;
  #pid;

  /** Starts one and keeps its first data, which every test begins with. */
  static async open() {
    const house = new House();
    house.#folder = await mkdtemp(join(tmpdir(), "throughline-browser-"));
    const command = serve(join(house.#folder, "data"));
    house.#process = spawn(command[0], command.slice(1), { cwd: ROOT, stdio: ["pipe", "pipe", "inherit"] });
    house.#lines = createInterface({ input: house.#process.stdout })[Symbol.asyncIterator]();
    house.#moveIn(await house.#answer());
    await house.kill();
    await cp(house.#data, join(house.#folder, "first"), { recursive: true });
    return house;
  }

  get #data() {
    return join(this.#folder, "data");
  }

  #moveIn({ chat, desk, shop, help, widget, accounts }) {
    Object.assign(this, { chat, desk, shop, help, widget, accounts });
  }

  /** From now on the gateway hangs: it takes calls and answers none, until it goes on. */
  hang() {
    process.kill(this.#pid, "SIGSTOP");
  }

  goOn() {
    process.kill(this.#pid, "SIGCONT");
  }

  async #answer() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("`cargo xtask serve` has ended. What it said stands above.");
    return JSON.parse(value);
  }

  async #order(word) {
    this.#process.stdin.write(`${word}\n`);
    const answer = await this.#answer();
    this.#pid = answer.pid;
    return answer;
  }

  /** Ends the gateway as a power cut would (SIGKILL). The sites stay. */
  async kill() {
    await this.#order("kill");
    this.#running = false;
  }

  /** Starts the gateway again, on the same data. */
  async start() {
    await this.#order("start");
    this.#running = true;
  }

  /** Begins anew, with an organisation in which nothing has happened yet. */
  async renew() {
    if (this.#running) await this.kill();
    await rm(this.#data, { recursive: true });
    await cp(join(this.#folder, "first"), this.#data, { recursive: true });
    await this.start();
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    await ended;
    await rm(this.#folder, { recursive: true });
  }

  account(name) {
    return this.accounts.find((account) => account.name === name);
  }
}

/** How the server is started: by the xtask that runs the tests, or by cargo. */
function serve(data) {
  const ports = ["serve", "--port", "0", "--sites-port", "0", "--data", data];
  const xtask = process.env.THROUGHLINE_XTASK;
  return xtask ? [xtask, ...ports] : ["cargo", "xtask", ...ports];
}
