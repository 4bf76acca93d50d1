// From signing in to a job, and through trouble and back, by the pages alone.
import assert from "node:assert/strict";

import { patience, Person } from "../browser.mjs";
import { ask, note, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function administrator(language) {
  const words = all[language];
  await Person.at(language, async (person) => {
    const { page } = person;
    await firstSight(person, words);
    await person.signIn(words, settings.users.root);
    await note(`${language}: ${person.bytes} bytes loaded with the dashboard`);
    await page.locator(".layout").waitFor();
    assert.deepEqual(person.refused(), ["401 GET /api/me"]);

    person.clicks = person.fields = 0;
    const mail = await addMailbox(person, words);
    await addTask(person, words, mail);
    await note(`${language}: ${person.clicks} clicks and ${person.fields} fields filled from the dashboard to a started trigger`);
    await openJob(person, words, mail);
    await breakAndMend(person, words, mail);
    await otherPages(person, words, mail);
    assert.deepEqual(person.refused(), []);
  });
}

async function firstSight(person, words) {
  const { page } = person;
  await page.goto(settings.address);
  await page.getByLabel(words.name, { exact: true }).waitFor();
  assert.equal(await page.title(), words.product);
  const ready = await page.evaluate(() => performance.now());
  await note(`${person.language}: ${Math.round(ready)} ms and ${person.bytes} bytes from navigation to the form that signs in`);
  await person.look("sign-in");
  person.bytes = 0;
  person.refused();
}

// The dialog of a mailbox.
function dialog(person) {
  return person.page.getByRole("dialog").filter({ has: person.page.locator(".plugin-form") });
}

async function addMailbox(person, words) {
  const { page } = person;
  const account = await ask("account", { folders: ["Orders"] });
  await person.go(words.mailboxes);
  await person.press(words.addEmail);
  const form = dialog(person);
  await form.waitFor();

  // Each protocol has its own fields, and what must be given has its star.
  await form.getByLabel("Pop3", { exact: true }).waitFor();
  assert.equal(await person.button(words.folders, form).count(), 0, "there is nothing to choose a folder for");
  assert.equal(await form.getByLabel("Imap", { exact: true }).count(), 0);
  await person.choose(words.protocol, "IMAP", form);
  await form.getByLabel("Imap", { exact: true }).waitFor();
  assert.equal(await form.getByLabel("Pop3", { exact: true }).count(), 0);
  for (const label of ["Email", words.password, "Imap"]) {
    assert.equal(await form.locator("label.ant-form-item-required").filter({ hasText: new RegExp(`^${label}$`) }).count(), 1, `${label} has no star`);
  }
  await form.getByRole("alert").filter({ hasText: words.inClear }).waitFor();

  await person.fill("Email", account.address, form);
  await person.fill(words.password, account.password, form);
  await person.fill("Imap", "localhost", form);
  await person.fill("Imap Port", String(account.port), form);
  await person.look("mailbox-form");

  await person.press(words.test, form);
  await form.getByText(words.testOk).waitFor();
  for (const step of words.steps) await form.locator(".step-name").getByText(step, { exact: true }).waitFor();
  await person.look("mailbox-tested");

  await person.press(words.folders, form);
  const choices = page.getByRole("dialog").filter({ hasNot: page.locator(".plugin-form") });
  await person.choose(words.choose, "Orders", choices);
  await person.look("mailbox-folders");
  await person.click(choices.getByRole("button", { name: words.choose, exact: true }));
  await page.waitForFunction((label) => [...document.querySelectorAll("label")].some((each) => each.textContent === label && document.getElementById(each.htmlFor)?.value === "Orders"), words.folder);

  await person.click(form.getByRole("button", { name: words.save, exact: true }));
  await form.waitFor({ state: "detached" });
  await page.getByRole("row").filter({ hasText: account.address }).waitFor();
  return account;
}

async function addTask(person, words, mail) {
  const { page } = person;
  await ask("deliver", { address: mail.address, folder: "Orders", subject: "Before the task" });
  await person.go(words.tasks);
  await person.press(words.addTask);
  await page.getByRole("heading", { level: 1, name: words.newTask }).waitFor();
  await person.fill(words.taskName, "Orders");
  await page.locator("#task-project").fill("cat; echo from the robot");
  person.fields++;
  await person.choose("Email", mail.address);

  // What would be is told before anything is saved.
  await person.press(words.preview);
  const row = page.locator(".preview").getByRole("row").filter({ hasText: "Before the task" });
  await row.waitFor();
  await row.getByText(words.wouldNot).or(row.getByText(words.wouldStart)).first().waitFor();
  assert.equal((await ask("tasks")).count, 0);
  await person.look("task-form");

  await person.click(page.getByRole("button", { name: words.save, exact: true }));
  const task = page.getByRole("row").filter({ hasText: "Orders" });
  await person.press(words.start, task);
  await task.locator(".state-tag").getByText(words.started, { exact: true }).first().waitFor();
  await task.getByRole("button", { name: words.stop }).waitFor();
  await ask("await-watching", { address: mail.address });
  await person.look("tasks");
}

async function openJob(person, words, mail) {
  const { page } = person;
  await person.go(words.jobs);
  await page.getByRole("heading", { level: 1, name: words.jobs }).waitFor();
  const loads = await page.evaluate(() => performance.timeOrigin);
  await ask("deliver", { address: mail.address, folder: "Orders", subject: "Заказ 17", text: "Twelve boxes\n", html: "<h1>Двенадцать коробок</h1>" });
  const row = page.getByRole("row").filter({ hasText: words.succeeded });
  await row.waitFor();
  assert.equal(await page.evaluate(() => performance.timeOrigin), loads);
  await row.getByText("Заказ 17").waitFor();
  await row.getByRole("link", { name: mail.address }).waitFor();
  await person.look("jobs");

  await person.click(row.getByRole("link").first());
  await page.locator("pre.output").filter({ hasText: "from the robot" }).waitFor();
  await page.getByText("Заказ 17", { exact: true }).waitFor();
  await page.getByRole("tabpanel").getByText("Twelve boxes").waitFor();
  await person.look("job-text");
  await person.click(page.getByRole("tab", { name: words.html }));
  const frame = page.locator("iframe.mail");
  assert.equal(await frame.getAttribute("sandbox"), "");
  await page.frameLocator("iframe.mail").getByRole("heading", { name: "Двенадцать коробок" }).waitFor();
  await person.look("job-html");
  await person.click(page.getByRole("tab", { name: words.payload, exact: true }));
  await page.getByRole("tabpanel").getByText('"subject": "Заказ 17"').waitFor();
  await person.look("job-payload");
  await person.click(page.getByRole("tab", { name: words.attachments }));
  await page.getByRole("tabpanel").getByText("message/rfc822").or(page.getByRole("tabpanel").locator(".ant-empty, .ant-list-empty-text")).first().waitFor();
  await person.look("job-attachments");
}

async function breakAndMend(person, words, mail) {
  const { page } = person;
  await person.go(words.mailboxes);
  const row = page.getByRole("row").filter({ hasText: mail.address });
  await row.getByText(words.watching, { exact: true }).waitFor();
  await ask("change-password", { address: mail.address, password: "another-one" });
  await row.getByText(words.loginRefused, { exact: true }).waitFor();
  await row.locator(".trouble-advice").getByText(words.applicationPassword).waitFor();
  await person.look("mailbox-refused");

  await person.press(words.edit, row);
  const form = dialog(person);
  await person.fill(words.password, "another-one", form);
  await person.look("mailbox-mended");
  await person.click(form.getByRole("button", { name: words.save, exact: true }));
  await form.waitFor({ state: "detached" });
  await row.getByText(words.watching, { exact: true }).waitFor();
  await person.press(words.details, row);
  await page.getByRole("row").filter({ hasText: "Imap" }).getByText("localhost", { exact: true }).waitFor();
  await person.look("mailboxes");
}

async function otherPages(person, words, mail) {
  const { page } = person;
  await person.go(words.tasks);
  await person.click(page.getByRole("link", { name: words.messages }));
  await page.getByRole("heading", { level: 1, name: `${words.messages} · Orders` }).waitFor();
  const log = page.getByRole("row").filter({ hasText: "Заказ 17" });
  await log.getByText(words.messageStarted, { exact: true }).waitFor();
  await person.look("messages");

  await person.go(words.journal);
  await page.getByRole("row").filter({ hasText: "IncomingEmailCreated" }).filter({ hasText: mail.address }).waitFor();
  await person.look("journal");

  await person.go(words.plugins);
  await page.getByRole("row").filter({ hasText: words.runOnEmail }).first().waitFor();
  await person.look("plugins");

  await person.go(words.dashboard);
  await page.locator(".ant-statistic").filter({ hasText: words.watching }).getByText("1", { exact: true }).waitFor({ timeout: patience + 60_000 }); // noted each minute
  await page.locator(".chart canvas").first().waitFor();
  await person.look("dashboard");
}
