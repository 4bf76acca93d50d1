// Names as long as they may be, and numbers that are great: nothing is cut, and all is in the person's language.
import { Person } from "../browser.mjs";
import { ask, settings } from "../teller.mjs";
import { words as all } from "../words.mjs";

export async function long(language) {
  const words = all[language];
  const there = await ask("long-names");
  await Person.at(language, async (person) => {
    const { page } = person;
    await person.signIn(words, settings.users.root);
    await greatNumbers(person, words);

    await person.go(words.tasks);
    await page.getByRole("row").filter({ hasText: there.address }).waitFor();
    await person.look("tasks-long");
    await person.press(words.addTask);
    await person.choose("Email", there.address);
    await person.press(words.preview);
    await page.locator(".preview").getByRole("row").filter({ hasText: words.wouldStart }).waitFor();
    await person.look("preview-long");
    await person.go(words.jobs);
    await page.getByRole("row").filter({ hasText: there.name }).first().waitFor();
    await person.look("jobs-long");
    await page.goto(`${settings.address}/#/jobs/${there.job}`);
    await page.getByRole("alert").filter({ hasText: words.bySignal }).waitFor();
    await person.look("job-long");
    await person.click(page.locator(".facts").getByRole("link", { name: words.show }));
    await page.getByRole("heading", { level: 1, name: words.messages }).waitFor();
    await person.look("messages-long");
  });
}

async function greatNumbers(person, words) {
  const { page } = person;
  await page.route("**/api/dashboard?*", async (route) => {
    const answer = await route.fetch();
    const figures = await answer.json();
    await route.fulfill({ response: answer, json: { ...figures, backlog: { ...figures.backlog, queued: 1234567 } } });
  });
  await page.reload();
  const number = new Intl.NumberFormat(person.language).format(1234567);
  await page.locator(".ant-statistic").filter({ hasText: words.waiting }).getByText(number, { exact: true }).waitFor();
  await page.unroute("**/api/dashboard?*");
}
