// Tells one story of the host's pages in a real browser: node pages.mjs, then settings and answers on standard input.
import { ask, settings } from "./teller.mjs";
import { administrator } from "./stories/administrator.mjs";
import { forms } from "./stories/forms.mjs";
import { kept } from "./stories/kept.mjs";
import { keyboard } from "./stories/keyboard.mjs";
import { long } from "./stories/long.mjs";
import { roles } from "./stories/roles.mjs";
import { steady } from "./stories/steady.mjs";
import { steps } from "./stories/steps.mjs";
import { unfolded } from "./stories/unfolded.mjs";

const stories = { administrator, forms, kept, keyboard, long, roles, steady, steps, unfolded };

try {
  await stories[settings.story](settings.language);
  await ask("done");
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  process.exitCode = 1;
}
process.stdin.destroy();
