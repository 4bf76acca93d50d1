// A task: its name, what it runs, and its triggers, each with the form of its type and a preview of what it would do.
import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input, Select, Space } from "antd";
import { useRef, useState } from "react";
import { useNavigate, useParams } from "react-router-dom";

import { http, path, type FieldFault } from "../api/http";
import { useSession } from "../api/session";
import type { Task, TriggerOfTask, TriggerType, Values } from "../api/types";
import { faultsBelow } from "../forms/faults";
import { PluginForm, type FormHandle } from "../forms/plugin-form";
import { withDefaults } from "../forms/shown";
import { useWords } from "../i18n";
import { Loading, Trouble } from "../parts/loading";
import { useFormTrouble } from "../parts/form-trouble";
import { useTell } from "../parts/tell";
import { Page } from "../parts/page";
import { Preview } from "../parts/preview";
import { AddItem } from "./add-item";

export default function TaskEditor() {
  const { task: id } = useParams();
  const { tenant } = useSession();
  // Asked anew each time: a mailbox that was just added is offered.
  const types = useQuery({ queryKey: ["types", tenant], queryFn: () => http.all<TriggerType>("/api/trigger-types"), staleTime: 0 });
  const task = useQuery({ queryKey: ["task", tenant, id], queryFn: () => http.get<Task>(path`/api/tasks/${id!}`), enabled: id !== undefined, refetchOnWindowFocus: false });
  const error = types.error ?? task.error;
  // A form that stands is not taken from whoever fills it in because the host could not be asked once more.
  if (!types.data || (id !== undefined && !task.data)) return error ? <Trouble error={error} again={() => void Promise.all([types.refetch(), task.refetch()])} /> : <Loading />;
  return <Editor key={id ?? "new"} types={types.data} task={task.data ?? null} />;
}

interface Draft extends TriggerOfTask {
  key: number;
}

let lastKey = 0;

function draftOf(trigger: TriggerOfTask): Draft {
  return { ...trigger, key: ++lastKey };
}

function newDraft(type: TriggerType): Draft {
  return draftOf({ type: type.id, parameters: withDefaults(type.schema, {}) });
}

function parametersOf(position: number): string {
  return `/triggers/${position}/parameters/`;
}

function Editor({ types, task }: { types: TriggerType[]; task: Task | null }) {
  const { t, of } = useWords();
  const tell = useTell();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(task?.name ?? "");
  const [project, setProject] = useState(task?.project ?? "");
  const [triggers, setTriggers] = useState<Draft[]>(() => task?.triggers.map(draftOf) ?? (types[0] ? [newDraft(types[0])] : []));
  const [faults, setFaults] = useState<FieldFault[]>([]);
  const trouble = useFormTrouble(setFaults);
  const [checked, setChecked] = useState(false);
  const [busy, setBusy] = useState(false);
  const forms = useRef(new Map<number, FormHandle>());
  const change = (key: number, values: Values) => setTriggers((before) => before.map((each) => (each.key === key ? { ...each, parameters: values } : each)));
  // What is known to be wrong is known by the places of triggers, which are others now.
  const remove = (key: number) => {
    setTriggers((before) => before.filter((each) => each.key !== key));
    setFaults([]);
  };
  const typeOf = (trigger: TriggerOfTask) => types.find((type) => type.id === trigger.type);
  const missing = Object.entries({ name, project }).flatMap(([field, value]) => (value === "" ? [field] : []));
  const fault = (field: string) => (checked && missing.includes(field) ? t("form.required") : faults.find((each) => each.field === field && !each.path?.includes("/parameters/"))?.message);

  const save = async () => {
    setFaults([]);
    setChecked(true);
    const parameters = triggers.map((trigger) => forms.current.get(trigger.key)?.check() ?? null);
    if (missing.length > 0 || parameters.includes(null)) return trouble.faulty();
    setBusy(true);
    try {
      const body = { name, project, triggers: triggers.map(({ id, type }, position) => ({ ...(id ? { id } : {}), type, parameters: parameters[position] })) };
      if (task === null) await http.post("/api/tasks", body);
      else await http.put(path`/api/tasks/${task.id}`, body);
      tell.success(t("tasks.saved", { name }));
      await queries.invalidateQueries();
      navigate("/tasks");
    } catch (error) {
      trouble.refused(error);
    }
    setBusy(false);
  };

  const item = (field: string) => {
    const words = fault(field);
    return { required: true, validateStatus: words ? ("error" as const) : undefined, help: words };
  };
  return (
    <Page title={task === null ? t("tasks.newTitle") : t("tasks.editTitle", { name: task.name })}>
      <Form layout="vertical" className="task-form" component="div">
        <Form.Item label={t("tasks.name")} htmlFor="task-name" {...item("name")}>
          <Input id="task-name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Form.Item>
        <Form.Item label={t("tasks.project")} htmlFor="task-project" {...item("project")} extra={t("tasks.projectHelp")}>
          <Input.TextArea id="task-project" value={project} rows={3} spellCheck={false} onChange={(event) => setProject(event.target.value)} />
        </Form.Item>
      </Form>
      {fault("triggers") && <Alert className="form-alert" type="error" message={fault("triggers")} />}
      {triggers.map((trigger, position) => {
        const type = typeOf(trigger);
        return (
          <Card
            key={trigger.key}
            className="trigger-card"
            title={`${t("tasks.trigger", { number: position + 1 })}${type ? ` · ${of(type.title)}` : ""}`}
            extra={
              <Button size="small" icon={<DeleteOutlined />} onClick={() => remove(trigger.key)}>
                {t("form.removeItem")}
              </Button>
            }
          >
            {types.length > 1 && !trigger.id && (
              <Select
                className="trigger-type"
                aria-label={t("tasks.trigger", { number: position + 1 })}
                value={trigger.type}
                options={types.map((each) => ({ value: each.id, label: of(each.title) }))}
                onChange={(value) => setTriggers((before) => before.map((each) => (each.key === trigger.key ? { ...newDraft(types.find(({ id }) => id === value)!), key: each.key } : each)))}
              />
            )}
            {type && (
              <>
                <PluginForm
                  ref={(handle) => void (handle ? forms.current.set(trigger.key, handle) : forms.current.delete(trigger.key))}
                  form={type}
                  values={trigger.parameters}
                  onChange={(values) => change(trigger.key, values)}
                  faults={faultsBelow(faults, parametersOf(position))}
                  adding={({ page, field }, choose) => <AddItem page={page} added={(item) => choose(item[field] ?? null)} />}
                  prefix={`trigger${position}`}
                />
                <Preview type={type.id} parameters={() => forms.current.get(trigger.key)?.values() ?? {}} faulty={(found) => setFaults(found.map((each) => ({ ...each, path: parametersOf(position) + each.field.replaceAll(".", "/") })))} />
              </>
            )}
          </Card>
        );
      })}
      <Space wrap className="form-foot">
        {types[0] && (
          <Button icon={<PlusOutlined />} onClick={() => setTriggers((before) => [...before, newDraft(types[0]!)])}>
            {t("tasks.addTrigger")}
          </Button>
        )}
        <Button onClick={() => navigate("/tasks")}>{t("action.cancel")}</Button>
        <Button type="primary" loading={busy} onClick={() => void save()}>
          {t("action.save")}
        </Button>
      </Space>
    </Page>
  );
}
