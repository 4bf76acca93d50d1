// Signing in and adding a mailbox without a mouse.
import assert from "node:assert/strict";

import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function keyboard(language) {
  const words = all[language];
  await Person.at(language, async (person) => {
    const { page } = person;
    const { keyboard: keys } = page;

    const isFocused = (target) => target.evaluate((element) => element.contains(document.activeElement)).catch(() => false);
    const tabTo = async (target) => {
      await target.waitFor();
      for (let pressed = 0; pressed < 80; ++pressed) {
        if (await isFocused(target)) return;
        await keys.press("Tab");
      }
      throw new Error(`the keyboard never comes to ${target}`);
    };
    const typeInto = async (target, value) => {
      await tabTo(target);
      await keys.type(value);
    };

    const account = await ask("account");
    await page.goto(settings.address);
    await typeInto(page.getByLabel(words.name, { exact: true }), settings.users.root.name);
    await typeInto(page.getByLabel(words.password, { exact: true }), settings.users.root.password);
    await keys.press("Enter");

    await tabTo(page.getByRole("navigation").getByRole("link", { name: words.mailboxes, exact: true }));
    await keys.press("Enter");
    const add = person.button(words.addEmail);
    await tabTo(add);
    await keys.press("Enter");
    const form = page.getByRole("dialog");
    await form.waitFor();

    // What must be given is asked for where it stands.
    await tabTo(form.getByRole("button", { name: words.save, exact: true }));
    await keys.press("Enter");
    await form.getByText(words.required).first().waitFor();

    await tabTo(form.getByLabel(words.protocol, { exact: true }));
    await keys.press("ArrowDown");
    await page.locator(".ant-select-item-option-active").waitFor();
    await keys.press("ArrowDown");
    await page.locator(".ant-select-item-option-active").filter({ hasText: "IMAP" }).waitFor();
    await keys.press("Enter");
    await form.getByLabel("Imap", { exact: true }).waitFor();
    await typeInto(form.getByLabel("Imap", { exact: true }), "localhost");
    await typeInto(form.getByLabel("Imap Port", { exact: true }), String(account.port));
    await typeInto(form.getByLabel("Email", { exact: true }), account.address);
    await typeInto(form.getByLabel(words.password, { exact: true }), account.password);
    await tabTo(form.getByRole("button", { name: words.save, exact: true }));
    await keys.press("Enter");
    await form.waitFor({ state: "detached" });
    await page.getByRole("row").filter({ hasText: account.address }).waitFor();

    // The dialog can be left by a key, and the focus is where it was before.
    await tabTo(add);
    await keys.press("Enter");
    await form.waitFor();
    await keys.press("Escape");
    await form.waitFor({ state: "detached" });
    await page.waitForFunction(() => document.activeElement?.tagName === "BUTTON");
    assert.ok(await isFocused(add));
    assert.equal(person.clicks, 0);
  });
}
