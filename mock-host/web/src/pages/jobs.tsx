import { useQuery } from "@tanstack/react-query";
import { Select, Space } from "antd";
import { Link, useSearchParams } from "react-router-dom";

import { http } from "../api/http";
import { useSession } from "../api/session";
import type { Job, JobState, Task } from "../api/types";
import { useWords } from "../i18n";
import { Trouble } from "../parts/loading";
import { MoreButton } from "../parts/more-button";
import { Page } from "../parts/page";
import { usePaged } from "../parts/paged";
import { StateTag } from "../parts/state-tag";
import { triggerName } from "../parts/trigger-name";
import { WideTable } from "../parts/wide-table";

const states: JobState[] = ["queued", "starting", "running", "succeeded", "failed", "interrupted"];

export function milliseconds(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

// From the arrival of its newest mail, or where it has none since it was taken.
export function latency({ receivedAt, createdAt, startedAt }: Job): number | null {
  return milliseconds(receivedAt ?? createdAt, startedAt);
}

export function words(value: number | null, duration: (milliseconds: number) => string): string {
  return value === null ? "—" : duration(value);
}

export default function Jobs() {
  const { t, moment, duration, word } = useWords();
  const { tenant } = useSession();
  const [filter, setFilter] = useSearchParams();
  const state = filter.get("state") ?? "";
  const task = filter.get("task") ?? "";
  const choose = (name: string, value: string) =>
    setFilter((before) => {
      const next = new URLSearchParams(before);
      if (value === "") next.delete(name);
      else next.set(name, value);
      return next;
    });
  const tasks = useQuery({ queryKey: ["tasks", tenant], queryFn: () => http.all<Task>("/api/tasks") });
  const triggers = new Map((tasks.data ?? []).flatMap((each) => each.triggers.map((trigger) => [trigger.id, triggerName(trigger)])));
  const wanted = new URLSearchParams();
  if (state !== "") wanted.set("state", state);
  if (task !== "") wanted.set("task", task);
  const jobs = usePaged<Job>(["jobs", tenant, state, task], `/api/jobs?${wanted}`);
  return (
    <Page
      title={t("jobs.title")}
      actions={
        <Space wrap>
          <Select className="filter" aria-label={t("jobs.task")} value={task} onChange={(value) => choose("task", value)} options={[{ value: "", label: t("jobs.filterTask") }, ...(tasks.data ?? []).map(({ id, name }) => ({ value: id, label: name }))]} />
          <Select className="filter" aria-label={t("jobs.state")} value={state} onChange={(value) => choose("state", value)} options={[{ value: "", label: t("jobs.filterState") }, ...states.map((each) => ({ value: each, label: word("jobState", each) }))]} />
        </Space>
      }
    >
      {jobs.error && <Trouble error={jobs.error} again={() => void jobs.refetch()} />}
      <WideTable<Job>
        rowKey="id"
        dataSource={jobs.items}
        loading={jobs.isLoading}
        pagination={false}
        locale={{ emptyText: t("jobs.empty") }}
        columns={[
          { title: t("jobs.taken"), dataIndex: "createdAt", rowScope: "row", render: (time: string, job) => <Link className="nowrap" to={`/jobs/${encodeURIComponent(job.id)}`}>{moment(time)}</Link> },
          { title: t("jobs.task"), dataIndex: "taskName", render: (name: string, job) => <Started name={name} trigger={job.trigger} by={triggers.get(job.trigger)} /> },
          { title: t("jobs.mail"), dataIndex: "subject", render: (_, job) => <FirstMail job={job} /> },
          { title: t("jobs.state"), dataIndex: "state", render: (value: string) => <StateTag group="jobState" state={value} /> },
          { title: t("jobs.latency"), key: "latency", render: (_, job) => words(latency(job), duration) },
          { title: t("jobs.duration"), key: "duration", render: (_, job) => words(milliseconds(job.startedAt, job.endedAt), duration) },
          { title: t("jobs.exitCode"), dataIndex: "exitCode", render: (code: number | null) => code ?? "—" },
        ]}
      />
      <MoreButton list={jobs} />
    </Page>
  );
}

function Started({ name, trigger, by }: { name: string; trigger: string; by: string | undefined }) {
  return (
    <>
      <div className="cell-started">{name}</div>
      {by !== undefined && <Link className="cell-started" to={`/triggers/${encodeURIComponent(trigger)}/messages`}>{by}</Link>}
    </>
  );
}

const longest = 100; // characters

function shortened(subject: string): string {
  const characters = Array.from(subject);
  return characters.length > longest ? `${characters.slice(0, longest).join("")}…` : subject;
}

function FirstMail({ job }: { job: Job }) {
  const { t } = useWords();
  if (!job.mails) return "—";
  return (
    <div className="cell-mail cut">
      {job.subject ? shortened(job.subject) : t("messages.noSubject")} {job.mails > 1 && t("jobs.moreMails", { number: job.mails - 1 })}
    </div>
  );
}
