// Why a job came to nothing, in the page's language: the host says it in English.
type Words = (key: string, options?: Record<string, unknown>) => string;

const said: [RegExp, string][] = [
  [/^ended by signal (.+)$/, "jobs.bySignal"],
  [/^it could not be started: (.+)$/s, "jobs.notStarted"],
  [/^the job's process was gone/, "jobs.lost"],
  [/^A backup was restored:/, "jobs.restored"],
];

export function jobErrorIn(t: Words, error: string): string {
  for (const [pattern, key] of said) {
    const found = pattern.exec(error);
    if (found) return t(key, { what: found[1] ?? "" });
  }
  return error;
}
