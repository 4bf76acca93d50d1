// A person at a browser: counts what they do, looks at each page as axe, the narrow screen and the console do.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { note, settings } from "./teller.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const patience = settings.patience * 1000;

const wide = { width: 1280, height: 900 };
const narrow = { width: 390, height: 844 };

// Layout shift by the measure of Web Vitals, which calls up to 0.1 good: what moved by itself, not upon a person's click.
const steadyEnough = 0.1;

function watchShifts() {
  window.shifts = [];
  const told = (node) => (node instanceof Element ? `${node.tagName}.${node.className}` : (node?.nodeName ?? "gone"));
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (!hadRecentInput) window.shifts.push({ value, what: sources.map(({ node, previousRect: from, currentRect: to }) => `${told(node)} ${[from, to].map(({ x, y, width, height }) => [x, y, width, height].map(Math.round)).join(" to ")}`) });
    }
  }).observe({ type: "layout-shift", buffered: true });
}

const namesAndMails = ["Use standart not SSL Port", "Before the task", "Twelve boxes", "Task of the default tenant", "Task of Acme"];

const switches = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export class Person {
  clicks = 0;
  fields = 0;
  faults = [];
  bytes = 0;
  refusals = [];
  worstShift = { value: 0, view: "" };

  // Does the work as somebody at a new browser, which is shown as it was when the work failed.
  static async at(language, work) {
    const person = await Person.#open(language);
    try {
      await work(person);
      await note(`${language}: the view that moved most by itself: ${person.worstShift.value.toFixed(3)} (${person.worstShift.view || "none did"})`);
      person.faultless();
    } catch (error) {
      await person.page.screenshot({ path: join(settings.screenshots, "failed.png"), fullPage: true }).catch(() => {});
      error.message += `\nRefused: ${person.refusals.join("; ")}. Faults: ${person.faults.join("\n")}`;
      throw error;
    } finally {
      await person.#leave();
    }
  }

  static async #open(language) {
    const person = new Person();
    person.language = language;
    person.profile = mkdtempSync(join(tmpdir(), "roe-browser-"));
    person.context = await chromium.launchPersistentContext(person.profile, {
      executablePath: settings.browser,
      args: switches,
      headless: true,
      locale: language === "ru" ? "ru-RU" : "en-GB",
      viewport: wide,
      reducedMotion: "reduce",
    });
    person.context.setDefaultTimeout(patience);
    await person.context.addInitScript(watchShifts);
    person.page = person.context.pages()[0] ?? (await person.context.newPage());
    await person.#listen();
    return person;
  }

  async #listen() {
    const { page } = this;
    page.on("pageerror", (error) => this.faults.push(`error: ${error.stack ?? error}`));
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      // Refusals are told by the answers themselves.
      if (message.text().startsWith("Failed to load resource")) return;
      this.faults.push(`console: ${message.text()}`);
    });
    page.on("response", (answer) => {
      if (answer.status() >= 400) this.refusals.push(`${answer.status()} ${answer.request().method()} ${new URL(answer.url()).pathname}`);
    });
    const network = await this.context.newCDPSession(page);
    await network.send("Network.enable");
    network.on("Network.loadingFinished", ({ encodedDataLength }) => (this.bytes += encodedDataLength));
  }

  async #leave() {
    await this.context.close();
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  // Nothing was wrong with any page that was looked at.
  faultless() {
    if (this.faults.length > 0) throw new Error(`${this.faults.length} faults of the pages:\n${[...new Set(this.faults)].join("\n")}`);
  }

  // What was refused since the last time this was asked.
  refused() {
    return this.refusals.splice(0);
  }

  button(name, where = this.page) {
    return where.getByRole("button", { name });
  }

  async click(target) {
    this.clicks++;
    await target.click();
  }

  async press(name, where = this.page) {
    await this.click(this.button(name, where));
  }

  async fill(label, value, where = this.page) {
    this.fields++;
    await where.getByLabel(label, { exact: true }).fill(value);
  }

  async choose(label, option, where = this.page) {
    await this.click(where.locator(".ant-select").filter({ has: this.page.getByLabel(label, { exact: true }) }));
    await this.click(this.page.locator(".ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option").filter({ hasText: option }).first());
  }

  // A mailbox by IMAP on this machine, as far as it has to be told.
  async describe(words, account, form) {
    await this.choose(words.protocol, "IMAP", form);
    await this.fill("Email", account.address, form);
    await this.fill(words.password, account.password, form);
    await this.fill("Imap", "localhost", form);
    await this.fill("Imap Port", String(account.port), form);
  }

  async go(name) {
    await this.click(this.page.getByRole("navigation").getByRole("link", { name, exact: true }));
  }

  async signIn(words, { name, password }) {
    await this.page.goto(settings.address);
    await this.fill(words.name, name);
    await this.fill(words.password, password);
    await this.press(words.signIn);
    await this.page.getByRole("heading", { level: 1, name: words.dashboard }).waitFor();
  }

  // Opens a page anew, without a click.
  async openAt(size, address) {
    await this.page.goto("about:blank");
    await this.page.setViewportSize({ wide, narrow }[size]);
    await this.page.goto(`${settings.address}/#${address}`);
  }

  // Looks at what is shown now, on a wide and on a narrow screen.
  async look(name) {
    await this.steady(name);
    for (const screen of ["wide", "narrow"]) await this.#lookAt(name, screen);
    await this.page.setViewportSize(wide);
    await this.#settled();
    await this.page.evaluate(() => (window.shifts.length = 0)); // it was resized
  }

  // Nothing on the page moved by itself since the last look.
  async steady(view) {
    await this.#settled();
    const shifts = await this.page.evaluate(() => window.shifts.splice(0));
    const value = shifts.reduce((sum, shift) => sum + shift.value, 0);
    if (value > this.worstShift.value) this.worstShift = { value, view };
    if (value > steadyEnough) this.faults.push(`${view}: moves by itself, ${value.toFixed(3)}: ${shifts.map((shift) => `${shift.value.toFixed(3)} ${shift.what.join(", ")}`).join("; ")}`);
  }

  lookAtNarrow(name) {
    return this.#lookAt(name, "narrow");
  }

  async #lookAt(name, size) {
    const width = { wide, narrow }[size];
    await this.page.mouse.move(0, 0); // what lies under the pointer looks different
    await this.page.setViewportSize(width);
    await this.#settled();
    await this.#fits(`${name}, ${size}`);
    await this.#accessible(`${name}, ${size}`);
    if (this.language === "ru") await this.#russian(`${name}, ${size}`);
    // A dialog scrolls by itself: the picture has all of it.
    const height = await this.page.evaluate(() => Math.max(...[...document.querySelectorAll(".ant-modal-wrap")].map((each) => each.scrollHeight), innerHeight));
    await this.page.setViewportSize({ ...width, height });
    await this.#settled();
    await this.page.screenshot({ path: join(settings.screenshots, `${name}-${this.language}-${size}.png`), fullPage: true });
  }

  async #settled() {
    await this.page.waitForFunction(() => document.getAnimations().every((each) => each.playState !== "running" || each.effect?.getComputedTiming().iterations === Infinity));
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }

  async #fits(where) {
    const cut = await this.page.evaluate(() => {
      const table = [...document.querySelectorAll(".ant-table-content")].find((each) => getComputedStyle(each).overflowX === "visible" && each.scrollWidth > each.clientWidth);
      if (table) return `a table, ${table.scrollWidth} px of ${table.clientWidth}`;
      const root = document.scrollingElement;
      if (root.scrollWidth <= root.clientWidth) return null;
      const far = [...document.body.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > root.clientWidth + 1);
      return `${root.scrollWidth} px of ${root.clientWidth}: ${far.slice(0, 5).map((each) => `${each.tagName}.${each.className}`).join(", ")}`;
    });
    if (cut) this.faults.push(`${where}: wider than its room, ${cut}`);
  }

  // Three Latin words in a row are a piece of an English sentence, unless they are names or what somebody has written.
  async #russian(where) {
    const english = await this.page.evaluate((others) => {
      const found = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        if (parentElement.closest("pre, code, script, style, textarea") || !parentElement.checkVisibility()) continue;
        const text = others.reduce((rest, other) => rest.replaceAll(other, ""), data);
        if (/\b[A-Za-z]{2,}(?:[ ,]+[A-Za-z']{2,}){2,}/.test(text)) found.push(data);
      }
      return found;
    }, namesAndMails);
    if (english.length > 0) this.faults.push(`${where}: in English: ${english.join(" | ")}`);
  }

  async #accessible(where) {
    await this.page.evaluate(axe);
    const found = await this.page.evaluate(() => axe.run(document, { iframes: false, resultTypes: ["violations"] }));
    for (const { id, help, nodes } of found.violations) {
      this.faults.push(`${where}: ${id}, ${help}: ${nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 300)} (${failureSummary.replace(/\s+/g, " ").slice(0, 200)})`).join("; ")}`);
    }
  }
}
