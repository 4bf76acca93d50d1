import { describe, expect, it } from "vitest";

import { secondsToRead } from "./tell";

describe("what is told to a person", () => {
  it("stays for as long as it takes to read it", () => {
    expect(secondsToRead("Saved")).toBe(3);
    expect(secondsToRead("x".repeat(240))).toBe(20);
  });
});
