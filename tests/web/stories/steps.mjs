// A connection test whose server takes its time: what is known is shown while the rest is awaited.
import assert from "node:assert/strict";

import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function steps(language) {
  const words = all[language];
  await Person.at(language, async (person) => {
    const { page } = person;
    const account = await ask("held-account");
    await person.signIn(words, settings.users.root);
    await person.go(words.mailboxes);
    await person.press(words.addEmail);
    const form = page.getByRole("dialog");
    await person.describe(words, account, form);
    await person.press(words.test, form);

    const [dns, connect, tls, login, folder, count] = words.steps;
    const report = form.locator(".connection-test");
    const testing = report.getByRole("status").filter({ hasText: words.testing });
    const shown = () => report.locator(".step-name").allInnerTexts();
    const height = async () => (await report.boundingBox()).height;
    const seen = () => report.evaluate((card) => card.getBoundingClientRect().bottom <= innerHeight);

    // What a server without an answer to the login shows.
    await report.locator(".step-name").filter({ hasText: tls }).waitFor();
    assert.deepEqual(await shown(), [dns, connect, tls]);
    assert.ok(await testing.isVisible());
    assert.ok(await seen(), "the report stands below what is seen");
    const before = await height();
    await person.look("mailbox-test-pending");

    const answered = [dns, connect, tls];
    for (const [door, name] of [["login", login], ["folder", folder]]) {
      await ask("open-door", { step: door });
      answered.push(name);
      await report.locator(".step-name").filter({ hasText: name }).waitFor();
      assert.deepEqual(await shown(), answered);
      assert.ok(await testing.isVisible());
      assert.equal(await height(), before, "the buttons below it move");
    }
    await ask("open-door", { step: "count" });
    await report.getByText(words.testOk).waitFor();
    assert.deepEqual(await shown(), [...answered, count]);
    assert.equal(await testing.count(), 0);
    assert.equal(await height(), before, "the buttons below it move");
  });
}
