// What is folded away at first: the rest of the forms, and the menu of a narrow screen.
import { Person } from "../browser.mjs";
import { settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function unfolded(language) {
  const words = all[language];
  await Person.at(language, async (person) => {
    const { page } = person;
    await person.signIn(words, settings.users.root);
    await person.go(words.mailboxes);
    await person.press(words.addEmail);
    const form = page.getByRole("dialog");
    await person.choose(words.protocol, "MS Exchange", form);
    await person.press(words.more, form);
    await form.getByLabel(words.keyword, { exact: true }).waitFor();
    await person.click(form.locator(".optional-object").getByRole("button").first());
    await form.locator(".optional-object-fields input").first().waitFor();
    await person.look("mailbox-form-unfolded");
    await person.click(form.getByRole("button", { name: words.cancel, exact: true }));
    await form.waitFor({ state: "detached" });

    await person.go(words.tasks);
    await person.press(words.addTask);
    await person.press(words.more, page.locator(".trigger-card"));
    await page.locator(".trigger-card .ant-collapse-content-active").waitFor();
    await person.look("task-form-unfolded");

    await page.setViewportSize({ width: 390, height: 844 });
    await person.press(words.menu);
    await page.getByRole("dialog").getByRole("link", { name: words.jobs, exact: true }).waitFor();
    await person.lookAtNarrow("menu");
    await person.click(page.getByRole("dialog").getByRole("link", { name: words.jobs, exact: true }));
    await page.getByRole("heading", { level: 1, name: words.jobs }).waitFor();
  });
}
