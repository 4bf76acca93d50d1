import { ROOT_SCHEMA_PREFIX, type RJSFSchema } from "@rjsf/utils";
import { describe, expect, it } from "vitest";

import { faultsIn, makeValidator } from "./validator";

const validator = makeValidator({ required: "is required", invalid: "is not valid" });

function faults(schema: object, data: unknown): Record<string, string | undefined> {
  const { errors } = validator.validateFormData(data, schema as RJSFSchema);
  return Object.fromEntries(errors.map(({ property, message }) => [property, message]));
}

const mailbox = {
  type: "object",
  required: ["Email"],
  properties: {
    Email: { type: "string", minLength: 1 },
    Port: { type: "integer", minimum: 1, maximum: 65535 },
    OAuth: { type: ["object", "null"], required: ["Client Id"], properties: { "Client Id": { type: "string" } } },
  },
  if: { properties: { Protocol: { const: "IMAP" } }, required: ["Protocol"] },
  then: { required: ["Imap"] },
};

describe("a plugin's form is checked in the browser", () => {
  it("says what is missing at the field itself", () => {
    expect(faults(mailbox, {})).toEqual({ ".Email": "is required" });
    expect(faults(mailbox, { Email: "" })).toEqual({ ".Email": "is required" });
    expect(faults(mailbox, { Email: "a@b", OAuth: {} })).toEqual({ ".OAuth.Client Id": "is required" });
  });

  it("says what is not valid, and nothing twice", () => {
    expect(faults(mailbox, { Email: "a@b", Port: 70000 })).toEqual({ ".Port": "is not valid" });
    expect(validator.validateFormData({ Email: "a@b", Port: 70000 }, mailbox as RJSFSchema).errors).toHaveLength(1);
  });

  it("leaves formats to the host, which takes addresses in every script", () => {
    const address = { type: "object", properties: { Email: { type: "string", format: "email" } } };
    expect(faults(address, { Email: "робот@пример.рф" })).toEqual({});
    expect(faultsIn(address as RJSFSchema, { Email: "робот@пример.рф" }, () => false, { required: "", invalid: "" })).toEqual([]);
  });

  it("follows conditions", () => {
    expect(faults(mailbox, { Email: "a@b", Protocol: "IMAP" })).toEqual({ ".Imap": "is required" });
    expect(faults(mailbox, { Email: "a@b", Protocol: "POP3" })).toEqual({});
  });

  it("takes an emptied field as one that is not there", () => {
    expect(faults(mailbox, { Email: "a@b", Port: undefined })).toEqual({});
    expect(faults(mailbox, { Email: undefined })).toEqual({ ".Email": "is required" });
  });

  it("lets a secret be left out that the host keeps already, but not be wrong", () => {
    const words = { required: "is required", invalid: "is not valid" };
    const schema = { required: ["Password"], properties: { Password: { type: "string", maxLength: 3 } } } as RJSFSchema;
    const saved = (field: string) => field === "Password";
    expect(faultsIn(schema, {}, () => false, words)).toEqual([{ field: "Password", message: "is required" }]);
    expect(faultsIn(schema, {}, saved, words)).toEqual([]);
    expect(faultsIn(schema, { Password: "long" }, saved, words)).toEqual([{ field: "Password", message: "is not valid" }]);
  });

  it("names the places of faults deep inside as the host does", () => {
    const schema = { properties: { More: { properties: { all: { items: { if: { properties: { field: { const: "header" } } }, then: { required: ["name"] } } } } } } } as RJSFSchema;
    const faulty = { More: { all: [{ field: "to" }, { field: "header" }] } };
    expect(faultsIn(schema, faulty, () => false, { required: "is required", invalid: "" })).toEqual([{ field: "More.all.1.name", message: "is required" }]);
  });

  it("finds definitions of the whole form when it chooses between parts of it", () => {
    const root = { $defs: { port: { type: "integer" } } } as RJSFSchema;
    const part = { $ref: "#/$defs/port" } as RJSFSchema;
    expect(validator.isValid(part, 25, root)).toBe(true);
    expect(validator.isValid(part, "25", root)).toBe(false);
    expect(validator.isValid({ ...part, [ROOT_SCHEMA_PREFIX]: root }, 25, root)).toBe(true);
  });
});
