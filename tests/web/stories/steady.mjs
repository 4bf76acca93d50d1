// Every page opened by its address, from a host that answers one call at a time: nothing moves as the answers come.
import { patience, Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function steady(language) {
  const words = all[language];
  const there = await ask("two-tenants");
  await Person.at(language, async (person) => {
    const { page } = person;
    await person.signIn(words, settings.users.root);
    const row = (text) => page.getByRole("row").filter({ hasText: text }).first();
    const views = [
      ["dashboard", "/", page.locator(".chart canvas").first()],
      ["tasks", "/tasks", row("Task of the default tenant")],
      ["new task", "/tasks/new", page.locator(".trigger-card .plugin-form")],
      ["task", `/tasks/${there.task}`, page.locator(".trigger-card .plugin-form")],
      ["message log", `/triggers/${there.trigger}/messages`, row(words.messageStarted)],
      ["jobs", "/jobs", row(words.succeeded)],
      ["job", `/jobs/${there.job}`, page.getByRole("tab").first()],
      ["mailboxes", "/settings/incoming-email", row(there.own)],
      ["journal", "/journal", row("IncomingEmailCreated")],
      ["plugins", "/plugins", row(words.runOnEmail)],
    ];
    const host = await SlowHost.of(page);
    for (const size of ["wide", "narrow"]) {
      for (const [name, address, ready] of views) {
        await person.openAt(size, address);
        await host.answerUntil(ready, name);
        await person.steady(`${name} as it loads, ${size}`);
      }
    }
  });
}

// Holds every call of the page until it is let through.
class SlowHost {
  #held = [];
  #page;

  static async of(page) {
    const host = new SlowHost();
    host.#page = page;
    await page.route(/\/api\/(?!events)/, (route) => void host.#held.push(route));
    return host;
  }

  // What an answer makes the page ask is asked before the page is drawn for the third time.
  async answerUntil(ready, name) {
    const deadline = Date.now() + patience;
    for (let quiet = 0; quiet < 3 || !(await ready.isVisible()); ++quiet) {
      if (Date.now() > deadline) throw new Error(`${name} is never whole`);
      const route = this.#held.shift();
      if (route !== undefined) {
        quiet = 0;
        await route.continue();
        await (await route.request().response())?.finished();
      }
      await this.#page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    }
  }
}
