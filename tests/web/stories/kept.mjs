// What a person typed and chose is still there after the host was away, after the session has ended, and after a reload.
import assert from "node:assert/strict";

import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function kept(language) {
  const words = all[language];
  const account = await ask("account");
  const there = await ask("two-tenants");
  await Person.at(language, async (person) => {
    await person.signIn(words, settings.users.root);
    await theTenantOutlivesAReload(person, words, there);
    await aTaskOutlivesTheHost(person, words, there);
    await aListComesBackWithTheHost(person, words, there);
    await aMailboxOutlivesTheSession(person, words, account);
    await aPageOutlivesASignInElsewhere(person, words);
    await nothingIsLeftForSomebodyElse(person, words);
  });
}

const sessionEnded = (person, words) => person.page.getByRole("dialog").filter({ hasText: words.signedOut });

async function signInAgain(person, words, { name, password }) {
  const again = sessionEnded(person, words);
  await again.waitFor();
  await person.fill(words.name, name, again);
  await person.fill(words.password, password, again);
  await person.press(words.signIn, again);
  await again.waitFor({ state: "detached" });
}

async function theTenantOutlivesAReload(person, words, there) {
  const { page } = person;
  await person.choose(words.tenant, "Acme");
  await person.go(words.tasks);
  await page.getByRole("row").filter({ hasText: there.acme }).waitFor();
  await page.reload();
  await page.getByRole("row").filter({ hasText: there.acme }).waitFor();
  await person.choose(words.tenant, words.defaultTenant);
  await page.getByRole("row").filter({ hasText: there.own }).waitFor();
}

async function aTaskOutlivesTheHost(person, words, there) {
  const { page } = person;
  await person.press(words.addTask);
  await person.fill(words.taskName, "Typed before");
  await page.locator("#task-project").fill("true");
  await person.choose("Email", there.own);
  const card = page.locator(".trigger-card");
  await person.fill(words.subject, "orders", card);

  await ask("stop-host");
  await page.getByRole("status").filter({ hasText: words.connectionLost }).waitFor();
  const other = person.language === "ru" ? "English" : "Русский";
  const own = person.language === "ru" ? "Русский" : "English";
  let failed = 0;
  page.on("requestfailed", (call) => (failed += call.url().endsWith("/api/trigger-types?limit=1000")));
  await person.click(page.getByText(other, { exact: true }));
  while (failed < 3) await page.waitForEvent("requestfailed"); // then it is tried no more
  await person.click(page.getByText(own, { exact: true }));

  await ask("start-host");
  await sessionEnded(person, words).waitFor();
  await person.look("session-ended");
  await signInAgain(person, words, settings.users.root);
  assert.equal(await page.getByLabel(words.taskName, { exact: true }).inputValue(), "Typed before");
  assert.equal(await card.getByLabel(words.subject, { exact: true }).inputValue(), "orders");
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  await page.getByRole("row").filter({ hasText: "Typed before" }).waitFor();
}

async function aListComesBackWithTheHost(person, words, there) {
  const { page } = person;
  await person.go(words.jobs);
  const jobs = page.getByRole("row").filter({ hasText: words.succeeded });
  await jobs.first().waitFor();
  const before = await jobs.count();
  await ask("stop-host");
  await ask("start-host");
  await signInAgain(person, words, settings.users.root);
  await page.getByRole("status").filter({ hasText: words.connectionLost }).waitFor({ state: "detached" });
  await ask("deliver", { address: there.own, subject: "After the restart" });
  await jobs.nth(before).waitFor();
}

// As in another tab of the same browser.
function elsewhere(person, path, body) {
  return person.page.evaluate(
    async ([path, body]) => {
      const { csrfToken } = await (await fetch("/api/me")).json();
      await fetch(path, { method: "POST", headers: { "X-CSRF-Token": csrfToken, "Content-Type": "application/json" }, body: JSON.stringify(body) });
    },
    [path, body],
  );
}

async function aMailboxOutlivesTheSession(person, words, account) {
  const { page } = person;
  await person.go(words.mailboxes);
  await person.press(words.addEmail);
  const form = page.getByRole("dialog").filter({ has: page.locator(".plugin-form") });
  await person.describe(words, account, form);
  await elsewhere(person, "/api/logout", {});
  await signInAgain(person, words, settings.users.root);
  await person.click(form.getByRole("button", { name: words.save, exact: true }));
  await form.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: account.address }).waitFor();
}

async function aPageOutlivesASignInElsewhere(person, words) {
  const { page } = person;
  await person.go(words.tasks);
  const task = page.getByRole("row").filter({ hasText: "Typed before" });
  await elsewhere(person, "/api/login", settings.users.root);
  await person.press(words.start, task);
  await task.getByRole("button", { name: words.stop }).waitFor();
}

async function nothingIsLeftForSomebodyElse(person, words) {
  const { page } = person;
  await person.press(words.addTask);
  await person.fill(words.taskName, "Of the administrator");
  await elsewhere(person, "/api/logout", {});
  await signInAgain(person, words, settings.users.petr);
  await page.getByRole("navigation").getByText(words.settings).waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: words.dashboard }).waitFor();
  assert.equal(await page.getByText("Of the administrator").count(), 0);
}
