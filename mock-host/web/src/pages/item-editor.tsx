// One item of a settings page: its form, the connection test, and what the plugin can fill in by itself.
import { Button, Modal, Space } from "antd";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { http, path, type FieldFault } from "../api/http";
import type { Form, Json, SettingsItem, SettingsPage, Values } from "../api/types";
import { PluginForm, type FormHandle } from "../forms/plugin-form";
import { hiddenFields, withDefaults } from "../forms/shown";
import { useWords } from "../i18n";
import { useFormTrouble } from "../parts/form-trouble";
import { useTell } from "../parts/tell";
import { ConnectionTest, type TestStep } from "../parts/connection-test";
import { Warnings } from "../parts/warnings";
import { Choices } from "../parts/choices";

function formValues(form: Form, item: SettingsItem | null): Values {
  const known = Object.keys((form.schema.properties as object) ?? {});
  return Object.fromEntries(Object.entries(item ?? {}).filter(([field, value]) => known.includes(field) && value !== null)) as Values;
}

// "HasPassword" tells of "Password", and so below.
function isSaved(item: SettingsItem | null, field: string): boolean {
  const parts = field.split(".");
  const last = parts.pop()!;
  let place: Json = item as Json;
  for (const part of parts) place = typeof place === "object" && place !== null && !Array.isArray(place) ? (place[part] ?? null) : null;
  return typeof place === "object" && place !== null && !Array.isArray(place) && place[`Has${last}`] === true;
}

// What the host tells of an item beside its fields must not come back to it.
function withoutMarks(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([field]) => !/^Has[A-Z]/.test(field))
      .map(([field, value]) => [field, typeof value === "object" && value !== null && !Array.isArray(value) ? withoutMarks(value) : value]),
  );
}

// What an action found: values for the form, or things to choose from.
interface Result {
  values?: Values;
  items?: { name: string }[];
  notes?: string[];
}

function isStep(line: unknown): line is TestStep {
  return typeof line === "object" && line !== null && "ok" in line && "ms" in line;
}

interface Props {
  page: SettingsPage;
  item: SettingsItem | null; // null: a new one
  close: () => void;
  saved?: (item: SettingsItem) => void;
}

export function ItemEditor({ page, item, close, saved }: Props) {
  const { t, of } = useWords();
  const tell = useTell();
  const queries = useQueryClient();
  const form = useRef<FormHandle>(null);
  const [values, setValues] = useState<Values>(() => (item === null ? withDefaults(page.schema, {}) : withoutMarks(formValues(page, item))));
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const trouble = useFormTrouble(setFaults);
  const [busy, setBusy] = useState<string | null>(null);
  const [steps, setSteps] = useState<TestStep[] | null>(null);
  const [choices, setChoices] = useState<{ field: string; names: string[] } | null>(null);
  // Closed, the dialog gives the focus back to what opened it.
  const [opener] = useState(() => document.activeElement);
  useEffect(() => () => (opener as HTMLElement | null)?.focus(), [opener]);
  const nameField = page.columns[0]?.field ?? "id";
  const readOnly = item?.readOnly ?? false;
  const hidden = hiddenFields(page, values); // what an action finds for them would be seen nowhere

  const attempt = async (action: string, work: () => Promise<void>) => {
    setBusy(action);
    setFaults([]);
    setSteps(null);
    try {
      await work();
    } catch (error) {
      setSteps((told) => (told?.length ? told : null));
      trouble.refused(error);
    }
    setBusy(null);
  };

  const save = () =>
    attempt("save", async () => {
      const checked = form.current!.check();
      if (checked === null) return trouble.faulty();
      const items = path`/api/settings-pages/${page.id}/items`;
      const kept = await (item === null ? http.post<SettingsItem>(items, checked) : http.put<SettingsItem>(items + path`/${item.id}`, checked));
      tell.success(t("settings.saved", { name: String(checked[nameField] ?? "") }));
      await queries.invalidateQueries({ queryKey: ["items"] });
      await queries.invalidateQueries({ queryKey: ["types"] });
      saved?.(kept);
      close();
    });

  const request = () => ({ ...(item === null ? {} : { id: item.id }), values: readOnly ? {} : form.current!.values() });
  const call = path`/api/settings-pages/${page.id}/actions/`;
  const act = (action: string) =>
    attempt(action, async () => {
      const seen: TestStep[] = [];
      let result: Result = {};
      if (action === "test-connection") setSteps([]);
      await http.lines(call + action, request(), (line) => {
        if (!isStep(line)) return void (result = line as Result);
        seen.push(line);
        setSteps([...seen]);
      });
      const field = page.fills?.[action];
      if (result.items !== undefined && field !== undefined) setChoices({ field, names: result.items.map(({ name }) => name) });
      if (result.values === undefined) return;
      const found = result.values;
      setValues((before) => ({ ...before, ...found }));
      const titles = Object.keys(found).map((name) => of((page.schema.properties as Record<string, { "x-title"?: { en: string; ru: string } }>)[name]?.["x-title"]));
      tell.info([...(titles.length > 0 ? [t("settings.filled", { fields: titles.join(", ") })] : []), ...(result.notes ?? [])].join(" "));
    });

  return (
    <Modal
      open
      width={840}
      title={item === null ? of(page.addTitle) || t("action.add") : readOnly ? String(item[nameField]) : t("settings.editTitle", { name: String(item[nameField]) })}
      onCancel={close}
      maskClosable={false}
      footer={
        <Space wrap className="editor-foot">
          {page.actions
            .filter((action) => !(action in (page.rowActions ?? {})) && (!readOnly || action === "test-connection") && !hidden.includes(page.fills?.[action] ?? ""))
            .map((action) => (
              <Button key={action} loading={busy === action} disabled={busy !== null && busy !== action} onClick={() => void act(action)}>
                {of(page.actionTitles[action])}
              </Button>
            ))}
          <Button onClick={close}>{readOnly ? t("action.close") : t("action.cancel")}</Button>
          {!readOnly && (
            <Button type="primary" loading={busy === "save"} disabled={busy !== null && busy !== "save"} onClick={() => void save()}>
              {t("action.save")}
            </Button>
          )}
        </Space>
      }
    >
      <Warnings page={page} values={values} />
      <PluginForm ref={form} form={page} values={values} onChange={setValues} faults={faults} readOnly={readOnly} saved={(field) => isSaved(item, field)} />
      {steps !== null && (
        <ConnectionTest
          steps={steps}
          running={busy !== null}
          take={readOnly || page.fills?.["test-connection"] === undefined ? undefined : (pin) => setValues((before) => ({ ...before, [page.fills!["test-connection"]!]: pin }))}
        />
      )}
      {choices !== null && (
        <Choices
          choices={choices.names}
          now={String(values[choices.field] ?? "")}
          close={() => setChoices(null)}
          choose={(name) => {
            setValues((before) => ({ ...before, [choices.field]: name }));
            setChoices(null);
          }}
        />
      )}
    </Modal>
  );
}
