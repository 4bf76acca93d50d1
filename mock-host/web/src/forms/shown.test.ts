import { describe, expect, it } from "vitest";

import type { Form, Json } from "../api/types";
import { foldedFields, hiddenFields, localized, partWithout, withDefaults, without } from "./shown";

const form: Form = {
  schema: {
    type: "object",
    required: ["Email", "Imap"],
    properties: {
      Email: { type: "string", title: "Email", "x-title": { en: "Address", ru: "Адрес" } },
      Protocol: { type: "string", enum: ["POP3", "IMAP"], default: "POP3" },
      Imap: { type: "string" },
      Secret: { type: "string" },
    },
  },
  uiSchema: {
    "ui:order": ["Email", "Protocol", "Imap", "Secret"],
    Imap: { "ui:when": { properties: { Protocol: { const: "IMAP" } }, required: ["Protocol"] }, "ui:help": { en: "Server", ru: "Сервер" } },
    Secret: { "ui:group": "more" },
  },
};

describe("a plugin's form", () => {
  it("shows a field while its condition holds, by the default before anything is chosen", () => {
    expect(hiddenFields(form, {})).toEqual(["Imap"]);
    expect(hiddenFields(form, { Protocol: "IMAP" })).toEqual([]);
  });

  it("leaves a hidden field out of properties, order and what is required", () => {
    const shown = without(form, ["Imap"], "ru");
    expect(Object.keys(shown.schema.properties!)).toEqual(["Email", "Protocol", "Secret"]);
    expect(shown.schema.required).toEqual(["Email"]);
    expect(shown.uiSchema["ui:order"]).toEqual(["Email", "Protocol", "Secret"]);
  });

  it("speaks one language", () => {
    expect(without(form, [], "ru").schema.properties!.Email).toMatchObject({ title: "Адрес" });
    expect(without(form, [], "en").uiSchema.Imap["ui:help"]).toBe("Server");
    expect(localized([{ en: "a", ru: "б" }, 1, null], "ru")).toEqual(["б", 1, null]);
  });

  it("folds away what the plugin puts under More", () => {
    expect(foldedFields(form)).toEqual(["Secret"]);
  });

  it("has its defaults where nothing is given, and what is given instead of them, be it false or nothing", () => {
    const schema = { properties: { Protocol: { default: "POP3" }, UseSsl: { default: true }, Folder: { default: "INBOX" }, Email: {} } };
    expect(withDefaults(schema, {})).toEqual({ Protocol: "POP3", UseSsl: true, Folder: "INBOX" });
    expect(withDefaults(schema, { UseSsl: false, Folder: null, Email: "a@b" })).toEqual({ Protocol: "POP3", UseSsl: false, Folder: null, Email: "a@b" });
    expect(withDefaults({}, { Email: "a@b" })).toEqual({ Email: "a@b" });
  });

  it("never shows a field that the plugin hides", () => {
    const hidden: Form = { schema: { properties: { EWSUrl: {} } }, uiSchema: { EWSUrl: { "ui:widget": "hidden" } } };
    expect(hiddenFields(hidden, { EWSUrl: "x" })).toEqual(["EWSUrl"]);
  });

  it("asks by its conditions for what is shown only, and keeps what they look at", () => {
    const then = { required: ["Imap", "Secret"], properties: { Secret: { minLength: 1 } }, allOf: [{ required: ["Imap"] }] };
    const meant = { properties: { Secret: { const: "x" } } };
    const conditional: Form = { ...form, schema: { ...form.schema, allOf: [{ if: meant, then, else: { required: ["Imap"] } }] } };
    expect(without(conditional, ["Secret"], "en").schema.allOf).toEqual([{ if: meant, then: { required: ["Imap"], properties: {}, allOf: [{ required: ["Imap"] }] }, else: { required: ["Imap"] } }]);
    expect(without(conditional, ["Imap"], "en").schema.allOf).toEqual([{ if: meant, then: { required: ["Secret"], properties: { Secret: { minLength: 1 } }, allOf: [{ required: [] }] }, else: { required: [] } }]);
  });

  it("drops a condition that asks for nothing shown", () => {
    const all: Json[] = [{ if: {}, then: { required: ["Imap"], properties: { Imap: { minLength: 1 } } }, else: {} }, { required: [] }];
    const conditional: Form = { ...form, schema: { ...form.schema, allOf: all } };
    expect(without(conditional, ["Imap"], "en").schema.allOf).toEqual([{ required: [] }]);
    expect(without({ ...conditional, schema: { allOf: all.slice(0, 1) } }, ["Imap"], "en").schema).toEqual({});
  });

  it("is shown in parts that know of no strangers", () => {
    const closed: Form = { ...form, schema: { ...form.schema, additionalProperties: false } };
    expect(partWithout(closed, ["Secret"], "en").schema).not.toHaveProperty("additionalProperties");
    expect(without(closed, ["Secret"], "en").schema.additionalProperties).toBe(false);
  });

  it("is itself left as it was", () => {
    const before = structuredClone(form);
    without(form, ["Imap"], "ru");
    expect(form).toEqual(before);
  });
});
