// What a form asks for follows what is chosen in it, and is asked for before the host is.
import assert from "node:assert/strict";

import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function forms(language) {
  const words = all[language];
  await Person.at(language, async (person) => {
    await person.signIn(words, settings.users.root);
    person.refused();
    await passwordHasItsStarWhereItIsNeeded(person, words);
    await anAddressInAnyScript(person, words);
    await whatATaskNeeds(person, words);
    await faultsOfOneTriggerOfTwo(person, words);
    await faultsUnderMore(person, words);
    await newMailboxFromTheTask(person, words);
  });
}

async function passwordHasItsStarWhereItIsNeeded(person, words) {
  const { page } = person;
  await person.go(words.mailboxes);
  await person.press(words.addEmail);
  const form = page.getByRole("dialog");
  await form.getByLabel("Pop3", { exact: true }).waitFor();
  const star = (label) => form.locator("label.ant-form-item-required").filter({ hasText: new RegExp(`^${label}$`) });
  const hasStar = (there) => star(words.password).waitFor({ state: there ? "visible" : "detached" });
  const stars = async () => (await form.locator("label.ant-form-item-required").allInnerTexts()).sort();
  const withPassword = ["Email", "Pop3", words.password, words.protocol].sort();
  const without = withPassword.filter((each) => each !== words.password);

  await hasStar(true);
  assert.deepEqual(await stars(), withPassword);
  await form.getByLabel("Require Authenticate").uncheck();
  await hasStar(false);
  assert.deepEqual(await stars(), without);
  await form.getByLabel("Require Authenticate").check();
  await hasStar(true);

  const oauth = form.locator(".optional-object").getByRole("button").first();
  await person.click(oauth);
  await hasStar(false);
  await star(words.clientId).waitFor();
  await star(words.tokenEndpoint).waitFor();
  await person.choose(words.provider, "Google", form);
  await star(words.tokenEndpoint).waitFor({ state: "detached" });
  await form.getByText(words.consent, { exact: true }).first().waitFor();
  await person.click(oauth);
  await hasStar(true);
  await form.getByLabel(words.kerberos).check();
  await hasStar(false);
  await form.getByLabel(words.kerberos).uncheck();
  await hasStar(true);
  assert.deepEqual(await stars(), withPassword);
  await person.click(form.getByRole("button", { name: words.cancel, exact: true }));
  await form.waitFor({ state: "detached" });
}

async function faultsUnderMore(person, words) {
  const { page } = person;
  const { address } = await ask("mailbox");
  await person.go(words.tasks);
  await person.press(words.addTask);
  await person.fill(words.taskName, "Lists");
  await page.locator("#task-project").fill("true");
  await person.choose("Email", address);
  const card = page.locator(".trigger-card");
  const more = card.locator(".ant-collapse-header");
  const unfolded = card.locator(".ant-collapse-content-active");
  await person.click(more);
  await person.click(unfolded.locator(".optional-object").getByRole("button").first());
  await person.press(words.addCondition, unfolded);
  await person.choose(words.what, words.headerField, unfolded);
  await person.choose(words.how, words.contains, unfolded);
  await person.fill(words.value, "robots", unfolded);
  await person.click(more);
  await unfolded.waitFor({ state: "detached" });

  // The header field has no name: nobody but the page has to say so.
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  const item = unfolded.locator(".ant-form-item-has-error").filter({ has: page.getByLabel(words.headerName, { exact: true }) }).last();
  await item.getByText(words.required).waitFor();
  assert.deepEqual(person.refused(), []);
  await person.look("task-form-fault");
  await person.fill(words.headerName, "List-Id", unfolded);
  await item.waitFor({ state: "detached" });
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  const task = page.getByRole("row").filter({ hasText: "Lists" });
  await task.waitFor();

  // What was folded away is there when the task is opened again.
  await person.press(words.edit, task);
  await person.click(more);
  await unfolded.getByLabel(words.headerName, { exact: true }).waitFor();
  assert.equal(await unfolded.getByLabel(words.headerName, { exact: true }).inputValue(), "List-Id");
  await person.look("task-form-again");
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  await task.waitFor();
  assert.deepEqual(person.refused(), []);
}

async function newMailboxFromTheTask(person, words) {
  const { page } = person;
  const account = await ask("account");
  await person.press(words.addTask);
  await page.getByRole("heading", { level: 1, name: words.newTask }).waitFor();
  await person.fill(words.taskName, "With a new mailbox");
  await page.locator("#task-project").fill("true");
  const card = page.locator(".trigger-card");
  await person.press(words.addEmail, card);
  const form = page.getByRole("dialog");
  await person.describe(words, account, form);
  await person.look("mailbox-form-in-task");
  await person.click(form.getByRole("button", { name: words.save, exact: true }));
  await form.waitFor({ state: "detached" });

  // It is chosen, and offered; what was typed before is there.
  await card.locator(".ant-select-selection-item").getByText(account.address, { exact: true }).waitFor();
  assert.equal(await page.getByLabel(words.taskName, { exact: true }).inputValue(), "With a new mailbox");
  await person.look("task-form-with-new-mailbox");
  await person.press(words.preview, card);
  await card.getByText(words.noMails).waitFor();
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  await page.getByRole("row").filter({ hasText: "With a new mailbox" }).filter({ hasText: account.address }).waitFor();
  assert.deepEqual(person.refused(), []);
}

// What is wrong with an address the host says, and the person is brought to it from the other end of the form.
async function anAddressInAnyScript(person, words) {
  const { page } = person;
  await person.press(words.addEmail);
  const form = page.getByRole("dialog");
  await person.describe(words, { address: "no address", password: "any", port: 1 }, form);
  const save = form.getByRole("button", { name: words.save, exact: true });
  await person.click(save);
  await form.locator(".ant-form-item-explain-error").getByText(words.isNoAddress).waitFor();
  const email = form.getByLabel("Email", { exact: true });
  await page.waitForFunction((field) => document.activeElement === field, await email.elementHandle());
  assert.deepEqual(person.refused(), ["422 POST /api/settings-pages/incoming-email/items"]);
  await email.fill("робот@пример.рф");
  await person.click(save);
  await form.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: "робот@пример.рф" }).waitFor();
  await person.fill(words.search, "nobody");
  await page.getByText(words.nothingFound, { exact: true }).waitFor();
  assert.deepEqual(person.refused(), []);
}

async function whatATaskNeeds(person, words) {
  const { page } = person;
  const { address } = await ask("mailbox");
  await person.go(words.tasks);
  await person.press(words.addTask);
  const save = page.getByRole("button", { name: words.save, exact: true });
  await person.click(save);
  const asked = page.locator(".ant-form-item-explain-error").getByText(words.required, { exact: true });
  await asked.nth(2).waitFor(); // name, project and the trigger's mailbox
  assert.equal(await asked.count(), 3);
  const name = page.getByLabel(words.taskName, { exact: true });
  await page.waitForFunction((field) => document.activeElement === field, await name.elementHandle());

  // As many letters as the field takes the host takes, whatever they are.
  await name.fill("Ж".repeat(250).slice(0, Number(await name.getAttribute("maxlength"))));
  await page.locator("#task-project").fill("true");
  await person.choose("Email", address);
  await person.click(save);
  await page.getByRole("row").filter({ hasText: "ЖЖЖ" }).waitFor();
  assert.deepEqual(person.refused(), []);
}

// What only the host knows to be wrong stands at the field of its trigger.
async function faultsOfOneTriggerOfTwo(person, words) {
  const { page } = person;
  const { address } = await ask("mailbox");
  const pop3 = await ask("pop3-mailbox");
  await person.press(words.addTask);
  await person.fill(words.taskName, "Two triggers");
  await page.locator("#task-project").fill("true");
  await person.press(words.addTrigger);
  const card = (number) => page.locator(".trigger-card").nth(number);
  await person.choose("Email", address, card(0));
  await person.choose("Email", pop3.address, card(1));
  await person.choose(words.startFrom, words.unreadToo, card(1));
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  await card(1).locator(".ant-form-item-explain-error").getByText(words.noUnread).waitFor();
  assert.equal(await card(0).locator(".ant-form-item-explain-error").count(), 0);
  assert.deepEqual(person.refused(), ["422 POST /api/tasks"]);
  await person.press(words.removeTrigger, card(1));
  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  await page.getByRole("row").filter({ hasText: "Two triggers" }).waitFor();
  assert.deepEqual(person.refused(), []);
}
