import { describe, expect, it } from "vitest";

import { faultsAtFields } from "./faults";

describe("what the host refuses", () => {
  it("stands at the field that it names, also deep inside", () => {
    const told = faultsAtFields([
      { field: "Email", message: "is no address" },
      { field: "OAuth.TokenEndpoint", message: "is required" },
      { field: "MoreFilters.all.0.value", message: "is too long" },
    ]);
    expect(told).toEqual({
      Email: { __errors: ["is no address"] },
      OAuth: { TokenEndpoint: { __errors: ["is required"] } },
      MoreFilters: { all: { "0": { value: { __errors: ["is too long"] } } } },
    });
  });

  it("may be several things at one field, and at a field and below it", () => {
    const told = faultsAtFields([
      { field: "OAuth", message: "one" },
      { field: "OAuth", message: "two" },
      { field: "OAuth.Scope", message: "three" },
    ]);
    expect(told).toEqual({ OAuth: { __errors: ["one", "two"], Scope: { __errors: ["three"] } } });
  });

  it("is nothing where nothing is wrong", () => {
    expect(faultsAtFields([])).toEqual({});
  });
});
