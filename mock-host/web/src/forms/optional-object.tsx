// An object that may be left out altogether (type: object or null): set up on demand, and removed again.
import { Button, Space, Typography } from "antd";
import type { FieldProps, RJSFSchema } from "@rjsf/utils";

import type { Values } from "../api/types";
import { useWords } from "../i18n";
import { withDefaults } from "./shown";

export function isOptionalObject(schema: RJSFSchema): boolean {
  return Array.isArray(schema.type) && schema.type.includes("object") && schema.type.includes("null");
}

export function OptionalObject(props: FieldProps) {
  const { t } = useWords();
  const { schema, uiSchema, formData, onChange, registry, disabled, readonly, idSchema } = props;
  const { ObjectField } = registry.fields as { ObjectField: React.ComponentType<FieldProps> };
  const isSet = typeof formData === "object" && formData !== null;
  return (
    <div className="optional-object">
      <Space wrap>
        <Typography.Text strong id={`${idSchema.$id}__title`}>
          {schema.title}
        </Typography.Text>
        <Button size="small" disabled={disabled || readonly} aria-describedby={`${idSchema.$id}__title`} onClick={() => onChange(isSet ? undefined : withDefaults(schema as Values, {}))}>
          {isSet ? t("form.unset") : t("form.set")}
        </Button>
      </Space>
      {isSet && (
        <div className="optional-object-fields">
          <ObjectField {...props} schema={{ ...schema, type: "object", title: "" }} uiSchema={{ ...uiSchema, "ui:help": undefined, "ui:field": undefined, "ui:title": " " }} />
        </div>
      )}
    </div>
  );
}
