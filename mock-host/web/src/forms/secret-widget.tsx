// A secret: shown only while it is typed, never sent back by the host. Whether one is saved is told beside.
import { Input } from "antd";
import type { WidgetProps } from "@rjsf/utils";

import { useWords } from "../i18n";

export function SecretWidget({ id, value, onChange, onBlur, onFocus, disabled, readonly, formContext, name, options }: WidgetProps) {
  const { t } = useWords();
  const saved = Boolean(formContext?.saved?.(id));
  const shared = {
    id,
    name,
    value: value ?? "",
    disabled: disabled || readonly,
    placeholder: saved ? t("form.saved") : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value === "" ? undefined : event.target.value),
    onBlur: () => onBlur(id, value),
    onFocus: () => onFocus(id, value),
    "aria-describedby": `${id}__error ${id}__description ${id}__help`,
  };
  if (options.multiline) return <Input.TextArea {...shared} rows={4} autoComplete="off" spellCheck={false} />;
  return <Input.Password {...shared} autoComplete="new-password" />;
}
