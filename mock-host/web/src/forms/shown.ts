// Which fields of a plugin's form are shown, and in which language. A field with "ui:when", a JSON Schema for the
// whole form, is shown while the form meets it.
import { Validator, type Schema } from "@cfworker/json-schema";
import type { RJSFSchema, UiSchema } from "@rjsf/utils";

import type { Form, Json, Values } from "../api/types";
import { inLanguage } from "../i18n/in-language";

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLocalized(value: unknown): value is { en: string; ru: string } {
  return isObject(value) && typeof value.en === "string" && typeof value.ru === "string";
}

// The same with each text in one language. A schema has its title in every language as "x-title".
export function localized(value: Json, language: string): Json {
  if (isLocalized(value)) return inLanguage(value, language);
  if (Array.isArray(value)) return value.map((part) => localized(part, language));
  if (!isObject(value)) return value;
  const { "x-title": title, ...rest } = value;
  const same = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, localized(part, language)]));
  return isLocalized(title) ? { ...same, title: inLanguage(title, language) } : same;
}

// Defaults of the top level, which "ui:when" looks at before anything is chosen.
export function withDefaults(schema: Values, values: Values): Values {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const defaults = Object.entries(properties).flatMap(([field, of]) => (isObject(of) && of.default !== undefined ? [[field, of.default] as const] : []));
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(given) };
}

export function hiddenFields(form: Form, values: Values): string[] {
  const filled = withDefaults(form.schema, values);
  return Object.entries(form.uiSchema)
    .filter(([, ui]) => isObject(ui) && (ui["ui:widget"] === "hidden" || (isObject(ui["ui:when"]) && !new Validator(ui["ui:when"] as Schema, "2020-12").validate(filled).valid)))
    .map(([field]) => field);
}

// Fields that stand folded away under "More".
export function foldedFields(form: Form): string[] {
  return Object.entries(form.uiSchema)
    .filter(([, ui]) => isObject(ui) && ui["ui:group"] === "more")
    .map(([field]) => field);
}

export interface ShownForm {
  schema: RJSFSchema;
  uiSchema: UiSchema;
}

// A part of a schema without these fields, in what its conditions lead to as well: what a form does not show it must
// neither ask for nor, by the form library, be given again.
function withoutFields(schema: Values, left: Set<string>): Values {
  const result = { ...schema };
  if (isObject(schema.properties)) result.properties = kept(schema.properties, left);
  if (Array.isArray(schema.required)) result.required = schema.required.filter((field) => !left.has(field as string));
  for (const branch of ["then", "else"]) if (isObject(schema[branch])) result[branch] = withoutFields(schema[branch], left);
  if (Array.isArray(schema.allOf)) {
    result.allOf = schema.allOf.map((each) => (isObject(each) ? withoutFields(each, left) : each)).filter((each) => !isEmptyCondition(each));
    if (result.allOf.length === 0) delete result.allOf;
  }
  return result;
}

// With a condition left the form library merges all of the schema, and comes to grief where lists have conditions of their own.
function isEmptyCondition(schema: Json): boolean {
  const asksNothing = (of: Json | undefined) => !isObject(of) || Object.values(of).every((each) => Object.keys(each as object).length === 0);
  return isObject(schema) && "if" in schema && asksNothing(schema.then) && asksNothing(schema.else);
}

function kept(all: Values, left: Set<string>): Values {
  return Object.fromEntries(Object.entries(all).filter(([field]) => !left.has(field)));
}

// The form without these fields.
export function without(form: Form, fields: string[], language: string): ShownForm {
  const left = new Set(fields);
  const schema = withoutFields(form.schema, left);
  const uiSchema = kept(form.uiSchema, left);
  if (Array.isArray(uiSchema["ui:order"])) uiSchema["ui:order"] = uiSchema["ui:order"].filter((field) => !left.has(field as string));
  delete schema.$schema;
  return { schema: localized(schema, language) as RJSFSchema, uiSchema: localized(uiSchema, language) as UiSchema };
}

// One of the forms that a form is shown as: the other's fields are no strangers to it. The form library takes the
// keyword for a wish to edit strangers even where it is undefined, and fails at it.
export function partWithout(form: Form, fields: string[], language: string): ShownForm {
  const part = without(form, fields, language);
  delete part.schema.additionalProperties;
  return part;
}
