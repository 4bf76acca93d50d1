// A form as a plugin describes it: rendered from its JSON Schema and UI schema, knowing nothing of what it is about.
import Form from "@rjsf/antd";
import type { ErrorSchema, RJSFSchema, RJSFValidationError, UiSchema } from "@rjsf/utils";
import { Collapse } from "antd";
import { forwardRef, useImperativeHandle, useMemo, useRef, useState } from "react";

import type { FieldFault } from "../api/http";
import type { Form as Described, Json, Values } from "../api/types";
import { useWords } from "../i18n";
import { faultsAtFields } from "./faults";
import { isOptionalObject, OptionalObject } from "./optional-object";
import { SecretWidget } from "./secret-widget";
import { foldedFields, hiddenFields, without, type ShownForm } from "./shown";
import { makeValidator } from "./validator";

type Rendered = import("@rjsf/core").default;

const fields = { OptionalObject };
const widgets = { SecretWidget };

// How secrets and what may be left out are edited, wherever they stand.
function withEditors(schema: RJSFSchema, ui: UiSchema = {}): UiSchema {
  const result: UiSchema = { ...ui };
  if (isOptionalObject(schema)) result["ui:field"] = "OptionalObject";
  if (schema.writeOnly === true) {
    result["ui:options"] = { ...(result["ui:options"] as object), multiline: ui["ui:widget"] === "textarea" };
    result["ui:widget"] = "SecretWidget";
  }
  for (const [field, of] of Object.entries(schema.properties ?? {})) if (typeof of === "object") result[field] = withEditors(of, ui[field]);
  if (schema.items && typeof schema.items === "object" && !Array.isArray(schema.items)) result.items = withEditors(schema.items, ui.items);
  return result;
}

function filled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}

export interface FormHandle {
  // What is to be sent: without hidden fields. Null when something is wrong, which is shown then.
  check(): Values | null;
  values(): Values;
}

interface Props {
  form: Described;
  values: Values;
  onChange(values: Values): void;
  faults?: FieldFault[];
  readOnly?: boolean;
  saved?: (field: string) => boolean; // whether the host keeps a secret for it
  prefix?: string; // of the ids of fields, where several forms stand on one page
}

export const PluginForm = forwardRef<FormHandle, Props>(function PluginForm({ form, values, onChange, faults = [], readOnly = false, saved, prefix = "field" }, handle) {
  const { t, language } = useWords();
  const validator = useMemo(() => makeValidator({ required: t("form.required"), invalid: t("form.invalid") }), [t]);
  const main = useRef<Rendered>(null);
  const folded = useRef<Rendered>(null);
  const [opened, setOpened] = useState(false);

  const hidden = hiddenFields(form, values);
  const more = foldedFields(form).filter((field) => !hidden.includes(field));
  const all = Object.keys((form.schema.properties as object) ?? {});
  const key = hidden.join();
  const parts = useMemo(() => {
    const rest = all.filter((field) => !more.includes(field));
    const part = (left: string[]): ShownForm => {
      const shown = without(form, [...hidden, ...left], language);
      // The other part's fields are no strangers.
      return { schema: { ...shown.schema, additionalProperties: undefined }, uiSchema: withEditors(shown.schema, shown.uiSchema) };
    };
    // What the plugin asks for under conditions stands in the main part; in the other one those fields have no place.
    const last = part(rest);
    return { main: part(more), more: { ...last, schema: { ...last.schema, allOf: undefined } } };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form, key, language]);

  const errors = useMemo(() => faultsAtFields(faults), [faults]);
  const errorsUnderMore = more.some((field) => field in errors);

  useImperativeHandle(handle, () => ({
    values: () => valuesToSend(),
    check: () => {
      const good = [main.current, folded.current].map((part) => part === null || part.validateForm());
      return good.every(Boolean) ? valuesToSend() : null;
    },
  }));
  const valuesToSend = (): Values => Object.fromEntries(Object.entries(filled(values)).filter(([field]) => !hidden.includes(field) && all.includes(field)));

  const shared = {
    tagName: "div" as const,
    validator,
    formData: filled(values),
    onChange: ({ formData }: { formData?: Json }) => onChange({ ...values, ...undefinedWhereGone(values, formData as Values), ...(formData as Values) }),
    extraErrors: errors as ErrorSchema,
    transformErrors: (found: RJSFValidationError[]) => found.filter(({ name, property }) => !(name === "required" && property !== undefined && saved?.(property.replace(/^\./, "")))),
    readonly: readOnly,
    disabled: readOnly,
    showErrorList: false as const,
    onError: () => undefined, // each stands at its field; else the library writes them to the console
    noHtml5Validate: true,
    fields,
    widgets,
    formContext: { saved: (id: string) => saved?.(id.replace(`${prefix}_`, "").replaceAll("_", ".")) ?? false, descriptionLocation: "below" },
    experimental_defaultFormStateBehavior: { emptyObjectFields: "skipDefaults" as const },
  };
  return (
    <div className="plugin-form">
      <Form ref={main} {...shared} {...parts.main} idPrefix={prefix}>
        <></>
      </Form>
      {more.length > 0 && (
        <Collapse
          activeKey={opened || errorsUnderMore ? ["more"] : []}
          onChange={(keys) => setOpened(keys.length > 0)}
          items={[
            {
              key: "more",
              label: t("form.more"),
              children: (
                <Form ref={folded} {...shared} {...parts.more} idPrefix={prefix}>
                  <></>
                </Form>
              ),
            },
          ]}
        />
      )}
    </div>
  );
});

// The form library leaves out what was emptied; it must not come back from what was there before.
function undefinedWhereGone(before: Values, now: Values): Values {
  return Object.fromEntries(
    Object.keys(before)
      .filter((field) => !(field in now))
      .map((field) => [field, undefined as unknown as Json]),
  );
}
