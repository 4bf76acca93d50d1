// JSON Schema for the form library by an interpreter: its usual validator compiles code at run time, which a strict
// Content-Security-Policy forbids.
import { Validator, type OutputUnit, type Schema } from "@cfworker/json-schema";
import {
  createErrorHandler,
  getDefaultFormState,
  ROOT_SCHEMA_PREFIX,
  toErrorList,
  toErrorSchema,
  unwrapErrorHandler,
  validationDataMerge,
  type ErrorSchema,
  type FormValidation,
  type RJSFSchema,
  type RJSFValidationError,
  type ValidatorType,
} from "@rjsf/utils";

import type { FieldFault } from "../api/http";
import type { Values } from "../api/types";

export interface ErrorWords {
  required: string;
  invalid: string;
}

function unitsOf(schema: RJSFSchema, data: unknown): OutputUnit[] {
  if (data === undefined) return [];
  return new Validator(schema as Schema, "2020-12", false).validate(withoutAbsent(data)).errors;
}

// A field that was emptied is there as `undefined`, which JSON does not know.
function withoutAbsent(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data));
}

// "#/OAuth/Scope" -> ".OAuth.Scope"
function propertyOf(location: string): string {
  return location
    .replace(/^#/, "")
    .split("/")
    .slice(1)
    .map((part) => `.${decodeURIComponent(part).replace(/~1/g, "/").replace(/~0/g, "~")}`)
    .join("");
}

// Only what a person can mend at a field: the keywords that hold others together say it once more. A format is an
// annotation (JSON Schema 2020-12, §7.2.1): the host judges it, which knows addresses in every script, and says what is wrong.
const notAtFields = new Set(["properties", "items", "prefixItems", "allOf", "anyOf", "oneOf", "if", "then", "else", "not", "$ref", "additionalProperties", "false", "format"]);

export function errorsOf(units: OutputUnit[], words: ErrorWords): RJSFValidationError[] {
  return units
    .filter((unit) => !notAtFields.has(unit.keyword))
    .map((unit) => {
      const missing = unit.keyword === "required" ? /"([^"]+)"/.exec(unit.error)?.[1] : undefined;
      const property = propertyOf(unit.instanceLocation) + (missing === undefined ? "" : `.${missing}`);
      const message = missing !== undefined || unit.keyword === "minLength" ? words.required : words.invalid;
      return { name: unit.keyword, property, message, stack: `${property} ${message}`, schemaPath: unit.keywordLocation };
    });
}

// What is wrong with these values, at which fields. `saved`: whether the host keeps a secret, which then may be left out.
export function faultsIn(schema: RJSFSchema, values: Values, saved: (field: string) => boolean, words: ErrorWords): FieldFault[] {
  return errorsOf(unitsOf(schema, values), words)
    .map(({ name, property, message }) => ({ name, field: (property ?? "").replace(/^\./, ""), message: message ?? words.invalid }))
    .filter(({ name, field }) => !(name === "required" && saved(field)))
    .map(({ field, message }) => ({ field, message }));
}

export function makeValidator(words: ErrorWords): ValidatorType {
  return {
    isValid: (schema, data, root) => {
      const whole = { ...schema, $defs: { ...(root?.$defs as object), ...(schema.$defs as object) }, [ROOT_SCHEMA_PREFIX]: undefined };
      return unitsOf(whole, data ?? {}).length === 0;
    },
    rawValidation: <Result>(schema: RJSFSchema, data?: unknown) => ({ errors: unitsOf(schema, data) as Result[] }),
    toErrorList: (schema?: ErrorSchema, path?: string[]) => toErrorList(schema, path),
    validateFormData: (data, schema, customValidate, transformErrors, uiSchema) => {
      let errors = errorsOf(unitsOf(schema, data), words);
      if (transformErrors) errors = transformErrors(errors, uiSchema);
      const found = { errors, errorSchema: toErrorSchema(errors) };
      if (!customValidate) return found;
      const filled = getDefaultFormState(makeValidator(words), schema, data, schema, true);
      const handler = customValidate(filled, createErrorHandler(filled), uiSchema);
      return validationDataMerge(found, unwrapErrorHandler(handler as FormValidation));
    },
  };
}
