import { describe, expect, it } from "vitest";

import { merged, withoutForbidden } from "./merge";

describe("conditions of a form", () => {
  it("narrow a field, and leave the titles of what may be chosen", () => {
    const how = { title: "How", oneOf: [{ const: "contains", title: "contains" }, { const: "is", title: "is" }] };
    const schema = { properties: { how, value: { title: "Value", type: ["string", "boolean"] } }, required: ["how"] };
    expect(merged({ ...schema, allOf: [{ properties: { how: { enum: ["contains"] }, value: { type: "string", minLength: 1 } }, required: ["value"] }] } as never)).toEqual({
      properties: { how: { title: "How", oneOf: [how.oneOf[0]] }, value: { title: "Value", type: "string", minLength: 1 } },
      required: ["how", "value"],
    });
    expect(merged({ ...schema, allOf: [{ properties: { how: { const: "is" } } }, {}] } as never).properties!.how).toEqual({ title: "How", oneOf: [how.oneOf[1]] });
    expect(merged({ properties: { grant: { enum: ["a", "b"] } }, allOf: [{ properties: { grant: { const: "b" } } }] } as never).properties!.grant).toEqual({ enum: ["b"] });
  });

  it("take a field away that must be nothing, and what was in it, wherever it stands", () => {
    const name = { type: ["string", "null"] };
    const item = { properties: { field: {}, name }, allOf: [{ if: { properties: { field: { const: "header" } } }, then: { required: ["name"] }, else: { properties: { name: { type: "null" } } } }] };
    expect(merged({ properties: { name }, allOf: [{ properties: { name: { type: "null" } } }] } as never).properties).toEqual({});
    const form = { properties: { more: { properties: { all: { items: item } } } } };
    const all = [{ field: "header", name: "List-Id" }, { field: "to", name: "List-Id" }];
    expect(withoutForbidden(form as never, { other: 1, more: { all } })).toEqual({ other: 1, more: { all: [all[0], { field: "to" }] } });
  });
});
