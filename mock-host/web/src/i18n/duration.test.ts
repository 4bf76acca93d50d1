import { describe, expect, it } from "vitest";

import { durationIn } from "./duration";

describe("a duration", () => {
  const told = (language: string, milliseconds: number) => durationIn(language, milliseconds).replaceAll("\u00a0", " ");

  it("is told in a unit that a person can grasp", () => {
    expect([0, 999, 1_500, 90_000, 5_400_000, 400 * 86_400_000].map((each) => told("en", each))).toEqual(["0 ms", "999 ms", "1.5 sec", "1.5 min", "1.5 hr", "400 days"]);
    expect([999, 1_500, 90_000, 5_400_000, 400 * 86_400_000].map((each) => told("ru", each))).toEqual(["999 мс", "1,5 с", "1,5 мин", "1,5 ч", "400 дн."]);
  });
});
