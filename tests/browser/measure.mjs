/*
 * What the script tag costs the page that it stands in, on a slow phone: how much moves, and how long the page's thread is
 * held up in one piece. `cargo xtask bench widget`.
 *
 * Each round loads the shop's first page in a fresh profile, lets somebody open and minimise the panel, and looks at the
 * trace of that page's process; in every other round the tag is kept away, which is the baseline. The frame of the chat
 * comes from another site and runs in a process of its own: what it does there holds nobody up.
 */
import { chromium } from "@playwright/test";
import { House } from "./house.mjs";
import config from "./playwright.config.mjs";
import { openShadowRoots, Widget } from "./widget.mjs";

/** How many times slower than this machine the phone is. */
const SLOWER = 6;
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const LONGEST_TARGET_MS = 50;
const CATEGORIES = ["toplevel", "devtools.timeline", "loading"];

const asJson = process.argv.includes("--json");
const rounds = process.argv.includes("--quick") ? 3 : 15;

/** One visit. Gives what moved, and the longest tasks of the page's main thread in ms. */
async function visit(browser, house, withTag) {
  const context = await browser.newContext({ ...PHONE, baseURL: house.shop });
  await context.addInitScript(observe);
  await context.addInitScript(openShadowRoots);
  const page = await context.newPage();
  if (!withTag) await page.route(/\/embed\.js$/, (route) => route.abort());
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.goto("/");
  if (withTag) await use(new Widget(page));
  // What is set off by the last of it.
  await page.waitForTimeout(1_000);
  const { shifts, origin } = await page.evaluate(() => ({ shifts: window.shifts, origin: location.origin }));
  const trace = JSON.parse(await browser.stopTracing());
  await context.close();
  return { shift: shifts.reduce((sum, shift) => sum + shift, 0), ...tasks(trace.traceEvents, origin, house.chat) };
}

/** Runs in the page before everything else. */
function observe() {
  window.shifts = [];
  // What somebody sets off may move something: Chromium marks that, and it does not count.
  const note = (list) => list.getEntries().forEach((entry) => entry.hadRecentInput || window.shifts.push(entry.value));
  new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
}

async function use(widget) {
  await widget.launcher.tap();
  await widget.name.waitFor();
  await widget.frame.getByRole("button", { name: "Minimise" }).tap();
  await widget.panel.waitFor({ state: "hidden" });
}

/** The longest task of the page's thread, and the longest piece of the tag's script in any, with what it sets off at once. */
function tasks(events, page, chat) {
  const address = ({ args }) => args?.data?.url ?? args?.beginData?.url ?? "";
  const threads = new Set();
  const scripts = [];
  for (const event of events) {
    if (event.name === "ParseHTML" && address(event).startsWith(page)) threads.add(`${event.pid} ${event.tid}`);
    if (address(event).startsWith(chat) && address(event).endsWith("/embed.js")) scripts.push(event);
  }
  const ofPage = ({ pid, tid }) => threads.has(`${pid} ${tid}`);
  const runs = events.filter((event) => event.name === "ThreadControllerImpl::RunTask" && event.dur && ofPage(event));
  const longest = (some) => Math.max(0, ...some.map(({ dur }) => dur / 1_000));
  const ours = scripts.filter((script) => script.dur && ofPage(script));
  return { any: longest(runs), ours: longest(ours), seen: ours.length };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure() {
  const house = await House.open();
  await house.start();
  const browser = await chromium.launch(config.use.launchOptions);
  const visits = { with: [], without: [] };
  for (let round = 0; round < rounds; round++) {
    visits.with.push(await visit(browser, house, true));
    visits.without.push(await visit(browser, house, false));
  }
  await browser.close();
  await house.close();
  if (visits.with.some(({ seen }) => seen === 0)) throw new Error("The trace does not show that the tag's script ran.");
  return visits;
}

function report(visits) {
  const of = (some, what) => some.map((one) => one[what]);
  const shift = Math.max(...of(visits.with, "shift"));
  const ours = of(visits.with, "ours");
  const rounded = (value) => Math.round(value * 10) / 10;
  if (asJson) {
    const entry = (value, unit, target, baseline) => ({ value, unit, target, baseline });
    const before = Math.max(...of(visits.without, "shift"));
    console.log(
      JSON.stringify({
        "widget.layout_shift": entry(shift, "score", 0, before),
        "widget.longest_task_ms": entry(rounded(Math.max(...ours)), "ms", LONGEST_TARGET_MS, null),
      }),
    );
    return;
  }
  const line = (what, values) => `${what.padEnd(48)}${rounded(median(values))} ms, at most ${rounded(Math.max(...values))}`;
  console.log(`${rounds} visits with the tag and as many without, on a processor ${SLOWER} times slower than this one.`);
  console.log(`${"layout shift by the tag".padEnd(48)}${shift} (target 0)`);
  console.log(`${line("longest piece of the tag's script", ours)} (target ${LONGEST_TARGET_MS})`);
  console.log(line("longest task of the page with the tag", of(visits.with, "any")));
  console.log(line("longest task of the page without it", of(visits.without, "any")));
}

report(await measure());
