// What the conditions of a form come to, for what is in it now: one plain schema. The form library's own merging fails
// where a condition narrows the type of a field, and forgets the titles of what may be chosen.
import { Validator, type Schema } from "@cfworker/json-schema";
import type { RJSFSchema } from "@rjsf/utils";

import type { Json, Values } from "../api/types";
import { isObject } from "./shown";

// The same field as two schemas see it.
function narrowed(field: Values, by: Values): Values {
  const { enum: allowed, const: only, ...rest } = by;
  const choices = only !== undefined ? [only] : Array.isArray(allowed) ? allowed : null;
  if (choices === null) return { ...field, ...rest };
  if (Array.isArray(field.oneOf)) return { ...field, ...rest, oneOf: field.oneOf.filter((option) => isObject(option) && choices.includes(option.const ?? null)) };
  return { ...field, ...rest, enum: choices };
}

// A schema with `allOf` whose conditions are resolved. A field that must be nothing is no field of it.
export function merged(schema: RJSFSchema): RJSFSchema {
  const { allOf = [], ...result } = schema as Values & { allOf?: Json[] };
  for (const part of allOf) {
    if (!isObject(part)) continue;
    const { properties, required, ...rest } = part;
    Object.assign(result, rest);
    if (Array.isArray(required)) result.required = [...new Set([...((result.required as Json[] | undefined) ?? []), ...required])];
    if (!isObject(properties)) continue;
    const fields: Values = { ...(result.properties as Values | undefined) };
    for (const [name, by] of Object.entries(properties)) {
      if (!isObject(by)) continue;
      if (by.type === "null") delete fields[name];
      else if (isObject(fields[name])) fields[name] = narrowed(fields[name], by);
    }
    result.properties = fields;
  }
  return result as RJSFSchema;
}

// The fields that must be nothing while the values are what they are.
function forbidden(schema: Values, values: Values): string[] {
  return (Array.isArray(schema.allOf) ? schema.allOf : []).flatMap((rule) => {
    if (!isObject(rule) || rule.if === undefined) return [];
    const branch = rule[new Validator(rule.if as Schema, "2020-12").validate(values).valid ? "then" : "else"];
    const fields = isObject(branch) && isObject(branch.properties) ? branch.properties : {};
    return Object.entries(fields).flatMap(([name, by]) => (isObject(by) && by.type === "null" ? [name] : []));
  });
}

// The values without what was filled in where nothing may be by now: those fields are not shown.
export function withoutForbidden(schema: Values, value: Json): Json {
  if (Array.isArray(value)) return isObject(schema.items) ? value.map((item) => withoutForbidden(schema.items as Values, item)) : value;
  if (!isObject(value)) return value;
  const gone = forbidden(schema, value);
  const fields = isObject(schema.properties) ? schema.properties : {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !gone.includes(name))
      .map(([name, part]) => [name, isObject(fields[name]) ? withoutForbidden(fields[name], part) : part]),
  );
}
