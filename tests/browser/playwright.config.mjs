/*
 * How the browser tests run: two at a time, each in fresh profiles on fresh data, in the Chromium of the system.
 *
 * `cargo xtask test --only browser` builds everything first. `npx playwright test -c tests/browser/playwright.config.mjs`
 * tests what is built; with `--update-snapshots` it also writes the two pictures of README.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig } from "@playwright/test";

const PROGRAMS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function chromium() {
  const chosen = process.env.CHROMIUM_BIN;
  if (chosen) {
    if (isProgram(chosen)) return chosen;
    throw new Error(`CHROMIUM_BIN names ${chosen}, where there is no program. Correct it or unset it.`);
  }
  const folders = (process.env.PATH ?? "").split(delimiter).concat("/usr/lib/chromium");
  const found = folders.flatMap((folder) => PROGRAMS.map((name) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error("Chromium is missing. Install it (on Debian: apt-get install chromium) or set CHROMIUM_BIN to its path.");
}

/*
 * Playwright switches off that browsers keep the storage of frames apart for each site. Real browsers do keep it apart,
 * and carrying a conversation across that border is what is tested here: so this list, which replaces Playwright's, is
 * the same without it. The continuity tests fail if that ever stops to work.
 */
const SWITCHED_OFF = [
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsUpgrades",
  "HttpsFirstBalancedModeAutoEnable",
  "MediaRouter",
  "PaintHolding",
  "OptimizationHints",
  "NetworkTimeServiceQuerying",
  "AimEnabled",
  "PreconnectToSearch",
  // Pages that a test makes up come from no address, and may otherwise not load from this machine's own.
  "LocalNetworkAccessChecks",
];

export default defineConfig({
  testDir: ".",
  outputDir: "artefacts/failures",
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  timeout: 40_000,
  // Long enough for a browser that waits before it tries again to connect.
  expect: { timeout: 10_000 },
  use: {
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium(),
      args: [
        `--disable-features=${SWITCHED_OFF.join(",")}`,
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-gpu",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
