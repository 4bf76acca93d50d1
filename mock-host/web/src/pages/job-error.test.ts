import { describe, expect, it } from "vitest";

import { jobErrorIn } from "./job-error";

const t = (key: string, options?: Record<string, unknown>) => `${key} ${options?.what as string}`.trim();

describe("why a job came to nothing", () => {
  it("is told in the page's words, with what the system says", () => {
    expect(jobErrorIn(t, "ended by signal 9 (Killed)")).toBe("jobs.bySignal 9 (Killed)");
    expect(jobErrorIn(t, "it could not be started: no space left on device")).toBe("jobs.notStarted no space left on device");
    expect(jobErrorIn(t, "the job's process was gone and had left no result; it is not run again by itself")).toBe("jobs.lost");
    expect(jobErrorIn(t, "A backup was restored: this job may have run since the backup was made. Retry it if it has not.")).toBe("jobs.restored");
  });

  it("is told as it is where there are no words for it", () => {
    expect(jobErrorIn(t, "execve: Permission denied")).toBe("execve: Permission denied");
  });
});
