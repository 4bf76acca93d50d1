// The message log of a trigger: every mail it has looked at, and why it did or did not start a job.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Popconfirm, Space } from "antd";
import { Link, useParams } from "react-router-dom";

import { http, path } from "../api/http";
import { useSession } from "../api/session";
import type { Message, TriggerState } from "../api/types";
import { useWords } from "../i18n";
import { useAttempt } from "../parts/attempt";
import { Trouble } from "../parts/loading";
import { MoreButton } from "../parts/more-button";
import { Page } from "../parts/page";
import { usePaged } from "../parts/paged";
import { StateTag } from "../parts/state-tag";
import { WideTable } from "../parts/wide-table";

// What can be done about a mail, by its state.
const actions: Record<string, string[]> = {
  parked: ["retry", "skip"],
  pending: ["retry", "skip"],
  quarantined: ["retry", "skip"],
  held: ["retry", "skip"],
  skipped: ["start-again"],
  delivered: ["start-again"],
};
const titles: Record<string, string> = { retry: "messages.retry", skip: "messages.skip", "start-again": "messages.startAgain" };

export default function Messages() {
  const { trigger = "" } = useParams();
  const { t, moment } = useWords();
  const { tenant, administrates } = useSession();
  const state = useQuery({ queryKey: ["trigger", tenant, trigger], queryFn: () => http.get<TriggerState>(path`/api/triggers/${trigger}`) });
  const log = usePaged<Message>(["messages", tenant, trigger], path`/api/triggers/${trigger}/messages`);
  const attempt = useAttempt("messages", "trigger");
  const act = (row: string, action: string) => attempt(() => http.post(path`/api/triggers/${trigger}/messages/${row}/${action}`), t("messages.done"));
  const held = state.data?.held;
  return (
    <Page title={`${t("messages.title")}${state.data ? ` · ${state.data.task.name}` : ""}`}>
      {log.error && <Trouble error={log.error} again={() => void log.refetch()} />}
      {held && (
        <Alert
          className="form-alert"
          type="warning"
          showIcon
          message={t("tasks.held", { count: held.ofTask })}
          description={held.reason}
          action={
            administrates && (
              <Space direction="vertical">
                <Button size="small" type="primary" onClick={() => void act(held.message, "release-all")}>
                  {t("tasks.releaseAll")}
                </Button>
                <Popconfirm title={t("tasks.skipAll")} okText={t("tasks.skipAll")} cancelText={t("action.cancel")} onConfirm={() => act(held.message, "skip-all")}>
                  <Button size="small" danger>
                    {t("tasks.skipAll")}
                  </Button>
                </Popconfirm>
              </Space>
            )
          }
        />
      )}
      <WideTable<Message>
        rowKey="id"
        dataSource={log.items}
        loading={log.isLoading}
        pagination={false}
        locale={{ emptyText: t("messages.empty") }}
        columns={[
          { title: t("messages.received"), dataIndex: "receivedAt", render: (time: string) => <span className="nowrap">{moment(time)}</span> },
          { title: t("messages.from"), dataIndex: "from", render: (from: string | null) => <div className="cell-words cell-address cut">{from ?? "—"}</div> },
          { title: t("messages.subject"), dataIndex: "subject", render: (subject: string | null) => <div className="cell-words cut">{subject ?? t("messages.noSubject")}</div> },
          { title: t("messages.state"), dataIndex: "state", render: (value: string) => <StateTag group="messageState" state={value} /> },
          { title: t("messages.reason"), key: "reason", render: (_, row) => <div className="cell-words cut">{row.reason.text}</div> },
          { title: t("messages.job"), dataIndex: "jobId", render: (id: string | null) => (id === null ? "—" : <Link to={`/jobs/${encodeURIComponent(id)}`}>{t("action.show")}</Link>) },
          {
            title: <span className="unseen">{t("action.actions")}</span>,
            key: "actions",
            render: (_, row) => (
              <Space wrap>
                {(administrates ? (actions[row.state] ?? []) : []).map((action) => (
                  <Popconfirm key={action} title={`${t(titles[action]!)}?`} okText={t(titles[action]!)} cancelText={t("action.cancel")} onConfirm={() => act(row.id, action)}>
                    <Button size="small">{t(titles[action]!)}</Button>
                  </Popconfirm>
                ))}
              </Space>
            ),
          },
        ]}
      />
      <MoreButton list={log} />
    </Page>
  );
}
