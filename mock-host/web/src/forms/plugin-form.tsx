// A form as a plugin describes it: rendered from its JSON Schema and UI schema, knowing nothing of what it is about.
import Form from "@rjsf/antd";
import type { ErrorSchema, RJSFSchema, UiSchema } from "@rjsf/utils";
import { Collapse } from "antd";
import { forwardRef, useImperativeHandle, useMemo, useState, type ReactNode } from "react";

import type { FieldFault } from "../api/http";
import type { Form as Described, Json, Values } from "../api/types";
import { useWords } from "../i18n";
import type { AddFrom } from "./add-from";
import { AddFromWidget } from "./add-from-widget";
import { AddButton } from "./add-button";
import { faultsAtFields } from "./faults";
import { FieldTemplate } from "./field-template";
import { libraryWords } from "./library-words";
import { merged, withoutForbidden } from "./merge";
import { isOptionalObject, OptionalObject } from "./optional-object";
import { SecretWidget } from "./secret-widget";
import { foldedFields, hiddenFields, partWithout, without, type ShownForm } from "./shown";
import { faultsIn, makeValidator } from "./validator";

const fields = { OptionalObject };
const widgets = { SecretWidget, AddFromWidget };
const templates = { FieldTemplate, ButtonTemplates: { AddButton } };

// How secrets and what may be left out are edited, wherever they stand.
function withEditors(schema: RJSFSchema, ui: UiSchema = {}): UiSchema {
  const result: UiSchema = { ...ui };
  if (isOptionalObject(schema)) result["ui:field"] = "OptionalObject";
  if (ui["ui:addFrom"] !== undefined) result["ui:widget"] = "AddFromWidget";
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
  // Offers to add to what can be chosen, and hands over what is to be chosen then.
  adding?: (source: AddFrom, choose: (value: Json) => void) => ReactNode;
  prefix?: string; // of the ids of fields, where several forms stand on one page
}

export const PluginForm = forwardRef<FormHandle, Props>(function PluginForm({ form, values, onChange, faults = [], readOnly = false, saved, adding, prefix = "field" }, handle) {
  const { t, language } = useWords();
  const words = useMemo(() => ({ required: t("form.required"), invalid: t("form.invalid") }), [t]);
  const translateString = useMemo(() => libraryWords(t), [t]);
  const validator = useMemo(() => makeValidator(words), [words]);
  const [opened, setOpened] = useState(false);
  const [checked, setChecked] = useState(false);

  const hidden = hiddenFields(form, values);
  const more = foldedFields(form).filter((field) => !hidden.includes(field));
  const key = hidden.join();
  const parts = useMemo(() => {
    const all = Object.keys((form.schema.properties as object) ?? {});
    const part = (left: string[]): ShownForm => {
      const { schema, uiSchema } = partWithout(form, [...hidden, ...left], language);
      return { schema, uiSchema: withEditors(schema, uiSchema) };
    };
    return { main: part(more), more: part(all.filter((field) => !more.includes(field))), whole: without(form, hidden, language).schema };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form, key, language]);

  const shown = Object.keys(parts.whole.properties ?? {});
  const toSend = withoutForbidden(form.schema, Object.fromEntries(Object.entries(filled(values)).filter(([field]) => shown.includes(field)))) as Values;
  const own = faultsIn(parts.whole, toSend, saved ?? (() => false), words);
  // From the first check on what is mended is seen to be.
  const told = [...(checked ? own : []), ...faults];
  const errors = useMemo(() => faultsAtFields(told), [JSON.stringify(told)]); // eslint-disable-line react-hooks/exhaustive-deps
  const errorsUnderMore = more.some((field) => field in errors);

  useImperativeHandle(handle, () => ({
    values: () => toSend,
    check: () => {
      setChecked(true);
      return own.length === 0 ? toSend : null;
    },
  }));

  const shared = {
    tagName: "div" as const,
    validator,
    noValidate: true, // both parts are checked at once, above
    formData: filled(values),
    onChange: ({ formData }: { formData?: Json }) => onChange({ ...values, ...undefinedWhereGone(values, formData as Values), ...(formData as Values) }),
    extraErrors: errors as ErrorSchema,
    readonly: readOnly,
    disabled: readOnly,
    showErrorList: false as const,
    noHtml5Validate: true,
    fields,
    widgets,
    templates,
    translateString,
    formContext: { saved: (id: string) => saved?.(id.replace(`${prefix}_`, "").replaceAll("_", ".")) ?? false, descriptionLocation: "below", adding },
    experimental_customMergeAllOf: merged,
    experimental_defaultFormStateBehavior: { emptyObjectFields: "skipDefaults" as const },
  };
  return (
    <div className="plugin-form">
      <Form {...shared} {...parts.main} idPrefix={prefix}>
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
                <Form {...shared} {...parts.more} idPrefix={prefix}>
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
