import { describe, expect, it } from "vitest";

import { faultsAtFields, faultsBelow } from "./faults";

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

describe("what the host says of one form of several", () => {
  it("is found by its path, whatever its fields are called elsewhere", () => {
    const faults = [
      { field: "name", message: "is too long" },
      { field: "StartFrom", message: "can't be unread", path: "/triggers/1/parameters/StartFrom" },
      { field: "value", message: "is required", path: "/triggers/11/parameters/MoreFilters/all/0/value" },
    ];
    expect(faultsBelow(faults, "/triggers/0/parameters/")).toEqual([]);
    expect(faultsBelow(faults, "/triggers/1/parameters/")).toMatchObject([{ field: "StartFrom", message: "can't be unread" }]);
    expect(faultsBelow(faults, "/triggers/11/parameters/")).toMatchObject([{ field: "MoreFilters.all.0.value" }]);
  });
});
