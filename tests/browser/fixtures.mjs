/*
 * What every test gets: a house in which nothing has happened yet, and people in browser profiles of their own.
 *
 * - No page may report an error on its console. A test that provokes one says which, by `expectedErrors`.
 * - The launcher lives in a closed shadow root, into which tests cannot look either. For them it is opened, except in
 *   profiles that are `sealed`.
 */
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { Administrator } from "./administrator.mjs";
import { Desk } from "./desk.mjs";
import { House } from "./house.mjs";
import { openShadowRoots, Widget } from "./widget.mjs";

export { expect };

/** What Chromium says of a server that is away. How a cut looks depends on the moment: no list shorter than this holds. */
export const CUT_OFF =
  /WebSocket connection to|ERR_(INTERNET_DISCONNECTED|CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|NETWORK_CHANGED)/;

/** The console's first question, who has signed in, may be answered: nobody. Chromium calls that an error. */
const NOBODY_SIGNED_IN = /status of 401 .*\/v1\/staff\/me$/;

export const test = base.extend({
  /** A pattern for errors that the test provokes. */
  expectedErrors: [undefined, { option: true }],

  building: [
    async ({}, use) => {
      const house = await House.open();
      await use(house);
      await house.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],

  house: async ({ building }, use) => {
    await building.renew();
    await use(building);
  },

  /** Makes a fresh profile and opens an empty page in it. */
  profile: async ({ browser, house, expectedErrors }, use) => {
    const contexts = [];
    const errors = [];
    const note = (text) => {
      if (!NOBODY_SIGNED_IN.test(text) && !expectedErrors?.test(text)) errors.push(text);
    };
    await use(async ({ sealed, ...options } = {}) => {
      const context = await browser.newContext({ baseURL: house.shop, ...options });
      contexts.push(context);
      context.on("weberror", (error) => note(String(error.error())));
      context.on("console", (message) => {
        if (message.type() === "error") note(`${message.text()} ${message.location().url}`);
      });
      if (!sealed) await context.addInitScript(openShadowRoots);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
    expect(errors, `errors on the console of a page: ${errors.join(" | ")}`).toEqual([]);
  },

  /** A visitor's page, still empty. */
  page: async ({ profile }, use) => {
    await use(await profile());
  },

  /** The widget on the visitor's page. */
  widget: async ({ page }, use) => {
    await use(new Widget(page));
  },

  /** Signs somebody of the staff in, in a profile of their own. */
  desk: async ({ profile, house }, use) => {
    await use(async (name, options) => {
      const desk = new Desk(await profile({ baseURL: house.desk, ...options }));
      await desk.signIn(house.account(name));
      return desk;
    });
  },

  administrator: async ({ house }, use) => {
    await use(await Administrator.signIn(house));
  },

  /** Keeps a picture of a page among the artefacts. */
  picture: async ({}, use, testInfo) => {
    await use(async (page, name) => {
      const path = join(testInfo.config.rootDir, "artefacts/pictures", `${name}.png`);
      await page.screenshot({ path, animations: "disabled" });
    });
  },
});
