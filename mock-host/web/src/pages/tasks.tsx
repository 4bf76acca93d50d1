import { DeleteOutlined, EditOutlined, PlayCircleOutlined, PlusOutlined, StopOutlined } from "@ant-design/icons";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Button, Popconfirm, Space, Tooltip } from "antd";
import { Link, useNavigate } from "react-router-dom";

import { http, path } from "../api/http";
import { useSession } from "../api/session";
import type { Task, TriggerState } from "../api/types";
import { useWords } from "../i18n";
import { useAttempt } from "../parts/attempt";
import { Trouble } from "../parts/loading";
import { Page } from "../parts/page";
import { StateTag } from "../parts/state-tag";
import { triggerName } from "../parts/trigger-name";
import { TroubleText } from "../parts/trouble-text";
import { WideTable } from "../parts/wide-table";

export default function Tasks() {
  const { t, moment } = useWords();
  const { tenant, administrates } = useSession();
  const navigate = useNavigate();
  const tasks = useQuery({ queryKey: ["tasks", tenant], queryFn: () => http.all<Task>("/api/tasks") });
  return (
    <Page
      title={t("menu.tasks")}
      actions={
        administrates && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => navigate("/tasks/new")}>
            {t("tasks.add")}
          </Button>
        )
      }
    >
      {tasks.error && <Trouble error={tasks.error} again={() => void tasks.refetch()} />}
      <WideTable<Task>
        rowKey="id"
        dataSource={tasks.data ?? []}
        loading={tasks.isLoading}
        pagination={{ pageSize: 25, hideOnSinglePage: true }}
        locale={{ emptyText: t("tasks.empty") }}
        columns={[
          { title: t("tasks.name"), dataIndex: "name", rowScope: "row", render: (name: string) => <div className="cell-name">{name}</div>, sorter: (left, right) => left.name.localeCompare(right.name) },
          { title: t("tasks.state"), dataIndex: "state", render: (state: string) => <StateTag group="taskState" state={state} /> },
          { title: t("tasks.triggers"), key: "triggers", render: (_, task) => <Triggers task={task} /> },
          { title: t("tasks.lastFired"), key: "fired", render: (_, task) => <LastFired task={task} moment={moment} /> },
          { title: <span className="unseen">{t("action.actions")}</span>, key: "actions", render: (_, task) => <Actions task={task} /> },
        ]}
      />
    </Page>
  );
}

function useTriggerStates(task: Task) {
  const { tenant } = useSession();
  return useQueries({
    queries: task.triggers.map(({ id }) => ({ queryKey: ["trigger", tenant, id], queryFn: () => http.get<TriggerState>(path`/api/triggers/${id}`), refetchInterval: 15_000 })),
  });
}

function Triggers({ task }: { task: Task }) {
  const { t } = useWords();
  const states = useTriggerStates(task);
  return (
    <Space direction="vertical" size={2}>
      {task.triggers.map((trigger, position) => {
        const state = states[position]?.data;
        return (
          <div key={trigger.id} className="trigger-line">
            <span className="cell-name">{triggerName(trigger)}</span> {state && task.state === "started" && <StateTag group="taskState" state={state.error ? "error" : state.state} />}
            <Link to={`/triggers/${encodeURIComponent(trigger.id)}/messages`}>{t("tasks.messages")}</Link>
            {state?.held && <div>{t("tasks.held", { count: state.held.count })}</div>}
            {state?.putOff !== undefined && state.putOff.count > 0 && <div>{t("tasks.putOff", { count: state.putOff.count })}</div>}
            {state?.error && <TroubleText error={state.error as never} />}
          </div>
        );
      })}
    </Space>
  );
}

function LastFired({ task, moment }: { task: Task; moment: (time: string | null) => string }) {
  const fired = useTriggerStates(task)
    .map((state) => state.data?.lastFired ?? null)
    .filter((time) => time !== null)
    .sort();
  return <span className="nowrap">{moment(fired.at(-1) ?? null)}</span>;
}

function Actions({ task }: { task: Task }) {
  const { t } = useWords();
  const { administrates } = useSession();
  const navigate = useNavigate();
  const attempt = useAttempt("tasks", "trigger");
  const started = task.state === "started";
  return (
    <Space>
      <Button size="small" icon={started ? <StopOutlined /> : <PlayCircleOutlined />} onClick={() => void attempt(() => http.post(path`/api/tasks/${task.id}/${started ? "stop" : "start"}`))}>
        {started ? t("action.stop") : t("action.start")}
      </Button>
      {administrates && (
        <>
          <Tooltip title={t("action.edit")}>
            <Button size="small" icon={<EditOutlined />} aria-label={`${t("action.edit")}: ${task.name}`} onClick={() => navigate(`/tasks/${encodeURIComponent(task.id)}`)} />
          </Tooltip>
          <Popconfirm
            title={t("tasks.removeTitle", { name: task.name })}
            description={t("tasks.removeText")}
            okText={t("action.remove")}
            cancelText={t("action.cancel")}
            onConfirm={() => attempt(() => http.remove(path`/api/tasks/${task.id}`), t("tasks.removed", { name: task.name }))}
          >
            <Tooltip title={t("action.remove")}>
              <Button size="small" danger icon={<DeleteOutlined />} aria-label={`${t("action.remove")}: ${task.name}`} />
            </Tooltip>
          </Popconfirm>
        </>
      )}
    </Space>
  );
}
