// A page may say under which values of its form a person must be warned: "ui:warn" of its UI schema.
import { Validator, type Schema } from "@cfworker/json-schema";
import { Alert } from "antd";

import type { Form, Localized, Values } from "../api/types";
import { withDefaults } from "../forms/shown";
import { useWords } from "../i18n";

interface Warning {
  when: Schema;
  text: Localized;
}

export function Warnings({ page, values }: { page: Form; values: Values }) {
  const { of } = useWords();
  const filled = withDefaults(page.schema, values);
  const warnings = ((page.uiSchema["ui:warn"] as unknown as Warning[] | undefined) ?? []).filter(({ when }) => new Validator(when, "2020-12").validate(filled).valid);
  return (
    <>
      {warnings.map(({ text }) => (
        <Alert key={of(text)} className="form-alert" type="warning" showIcon role="alert" message={of(text)} />
      ))}
    </>
  );
}
