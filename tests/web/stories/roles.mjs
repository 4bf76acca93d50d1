// What each role sees, and that the host refuses what the pages do not offer.
import assert from "node:assert/strict";

import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function roles(language) {
  const words = all[language];
  const there = await ask("two-tenants");
  await administratorOfATenant(language, words, there);
  await user(language, words, there);
}

// By the page's own session, past its buttons.
function statusOf(person, method, path, { tenant, body } = {}) {
  return person.page.evaluate(
    async ([method, path, tenant, body]) => {
      const { csrfToken } = await (await fetch("/api/me")).json();
      const headers = { "X-CSRF-Token": csrfToken, "Content-Type": "application/json", ...(tenant === undefined ? {} : { "X-Orch-Tenant": tenant }) };
      return (await fetch(path, { method, headers, body: body && JSON.stringify(body) })).status;
    },
    [method, path, tenant, body],
  );
}

async function administratorOfATenant(language, words, there) {
  await Person.at(language, async (person) => {
    const { page } = person;
    await person.signIn(words, settings.users.olga);
    person.refused();
    assert.equal(await page.getByLabel(words.tenant, { exact: true }).count(), 0);
    await person.go(words.mailboxes);
    await page.getByRole("row").filter({ hasText: there.acme }).waitFor();
    assert.equal(await page.getByText(there.own).count(), 0);
    await baseMailboxIsLookedAtOnly(person, words);
    await person.go(words.tasks);
    await page.getByRole("row").filter({ hasText: "Task of Acme" }).waitFor();
    assert.equal(await page.getByText("Task of the default tenant").count(), 0);
    assert.equal(await person.button(words.addTask).count(), 1);
    await person.look("tasks-of-tenant");
    assert.deepEqual(person.refused(), []);

    assert.equal(await statusOf(person, "GET", there.items, { tenant: "" }), 403);
    assert.equal(await statusOf(person, "GET", "/api/tasks", { tenant: "" }), 403);
    assert.equal(await statusOf(person, "POST", `/api/tasks/${there.task}/stop`), 404);
  });
}

async function user(language, words, there) {
  await Person.at(language, async (person) => {
    const { page } = person;
    await person.signIn(words, settings.users.petr);
    person.refused();
    const links = page.getByRole("navigation").getByRole("link");
    assert.deepEqual(await links.allInnerTexts(), [words.dashboard, words.tasks, words.jobs, words.plugins]);
    assert.equal(await page.getByRole("navigation").getByText(words.settings).count(), 0);
    await person.look("dashboard-of-user");

    await person.go(words.tasks);
    const task = page.getByRole("row").filter({ hasText: "Task of the default tenant" });
    await person.button(words.stop, task).waitFor();
    for (const name of [words.addTask, words.edit, words.remove]) assert.equal(await person.button(name).count(), 0, name);
    await person.look("tasks-of-user");

    await person.click(task.getByRole("link", { name: words.messages }));
    const mail = page.getByRole("row").filter({ has: page.getByRole("link", { name: words.show }) });
    await mail.first().waitFor();
    assert.equal(await mail.first().getByRole("button").count(), 0);
    await person.look("messages-of-user");

    await person.go(words.jobs);
    await person.click(page.getByRole("row").filter({ hasText: words.succeeded }).getByRole("link").first());
    await page.getByRole("tab", { name: words.payload, exact: true }).waitFor();
    assert.equal(await person.button(words.retryJob).count(), 0);
    await person.look("job-of-user");

    for (const hidden of ["/journal", "/settings/incoming-email", "/tasks/new", `/tasks/${there.task}`]) {
      await page.goto(`${settings.address}/#${hidden}`);
      await page.waitForURL(/#\/$/);
      await page.getByRole("heading", { level: 1, name: words.dashboard }).waitFor();
    }
    assert.deepEqual(person.refused(), []);

    const anyTask = { name: "x", project: "true", triggers: [] };
    for (const [method, path, body] of [
      ["GET", there.items],
      ["POST", there.items, {}],
      ["POST", "/api/settings-pages/incoming-email/actions/test-connection", { values: {} }],
      ["POST", "/api/tasks", anyTask],
      ["PUT", `/api/tasks/${there.task}`, anyTask],
      ["DELETE", `/api/tasks/${there.task}`],
      ["POST", `/api/jobs/${there.job}/retry`],
      ["POST", `/api/triggers/${there.trigger}/messages/1/skip`],
      ["GET", "/api/journal"],
    ]) {
      assert.equal(await statusOf(person, method, path, { body }), 403, `${method} ${path}`);
    }
  });
}

// It stands in the host's configuration: nothing that would fill in its form is offered.
async function baseMailboxIsLookedAtOnly(person, words) {
  const { page } = person;
  const row = page.getByRole("row").filter({ hasText: "base@example.com" });
  assert.equal(await person.button(words.remove, row).count(), 0);
  await person.press(words.show, row);
  const form = page.getByRole("dialog");
  await form.locator(".plugin-form").waitFor();
  assert.deepEqual(await form.locator(".ant-modal-footer button").allInnerTexts(), [words.test, words.close]);
  assert.equal(await form.getByLabel("Imap", { exact: true }).isEnabled(), false);
  await person.look("base-mailbox");
  await person.click(form.locator(".ant-modal-footer").getByRole("button", { name: words.close, exact: true }));
  await form.waitFor({ state: "detached" });
}
