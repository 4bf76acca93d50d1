// One job: how it went, what it wrote, and the mail that started it.
import { DownloadOutlined, RedoOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Descriptions, List, Pagination, Space, Tabs, Typography } from "antd";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router-dom";

import { http, path } from "../api/http";
import { useSession } from "../api/session";
import type { Json, Values, WholeJob } from "../api/types";
import { useWords } from "../i18n";
import { Loading, Trouble, wordsOf } from "../parts/loading";
import { useTell } from "../parts/tell";
import { Page } from "../parts/page";
import { StateTag } from "../parts/state-tag";
import { jobErrorIn } from "./job-error";
import { latency, milliseconds, words } from "./jobs";

const ended = ["succeeded", "failed", "interrupted"];

export default function JobView() {
  const { job: id = "" } = useParams();
  const { t } = useWords();
  const { tenant, administrates } = useSession();
  const navigate = useNavigate();
  const tell = useTell();
  const job = useQuery({ queryKey: ["job", tenant, id], queryFn: () => http.get<WholeJob>(path`/api/jobs/${id}`), refetchInterval: (query) => (query.state.data && ended.includes(query.state.data.state) ? false : 2000) });
  if (job.error) return <Trouble error={job.error} again={() => void job.refetch()} />;
  if (!job.data) return <Loading />;
  const again = async () => {
    try {
      const made = await http.post<WholeJob>(path`/api/jobs/${id}/retry`);
      tell.success(t("jobs.retried"));
      navigate(`/jobs/${encodeURIComponent(made.id)}`);
    } catch (error) {
      tell.error(wordsOf(error, t));
    }
  };
  return (
    <Page
      title={job.data.taskName}
      actions={
        administrates &&
        ended.includes(job.data.state) && (
          <Button icon={<RedoOutlined />} onClick={() => void again()}>
            {t("jobs.retry")}
          </Button>
        )
      }
    >
      <Facts job={job.data} />
      {job.data.error && <Alert className="form-alert" type="error" showIcon message={jobErrorIn(t, job.data.error)} />}
      <Typography.Title level={2}>{t("jobs.output")}</Typography.Title>
      {job.data.output === "" ? <p>{t("jobs.noOutput")}</p> : <pre className="output" tabIndex={0} aria-label={t("jobs.output")}>{job.data.output}</pre>}
      <Typography.Title level={2}>{t("jobs.mail")}</Typography.Title>
      {job.data.payload === null ? <p>{t("jobs.expired")}</p> : <Payload job={job.data} payload={job.data.payload} />}
    </Page>
  );
}

function Facts({ job }: { job: WholeJob }) {
  const { t, moment, duration } = useWords();
  const { administrates } = useSession();
  return (
    <Descriptions
      bordered
      size="small"
      className="facts"
      column={{ xs: 1, sm: 1, md: 2, lg: 2, xl: 2, xxl: 2 }}
      items={[
        { key: "state", label: t("jobs.state"), children: <StateTag group="jobState" state={job.state} /> },
        { key: "exitCode", label: t("jobs.exitCode"), children: job.exitCode ?? "—" },
        { key: "taken", label: t("jobs.taken"), children: moment(job.createdAt) },
        { key: "started", label: t("jobs.started"), children: moment(job.startedAt) },
        { key: "ended", label: t("jobs.ended"), children: moment(job.endedAt) },
        { key: "latency", label: t("jobs.latency"), children: words(latency(job), duration) },
        { key: "duration", label: t("jobs.duration"), children: words(milliseconds(job.startedAt, job.endedAt), duration) },
        { key: "trigger", label: t("tasks.messages"), children: <Link to={`/triggers/${encodeURIComponent(job.trigger)}/messages`}>{t("action.show")}</Link> },
        ...(administrates ? [{ key: "command", label: t("jobs.command"), span: 2, children: <code className="cut">{job.project}</code> }] : []),
        ...(job.retryOf === null ? [] : [{ key: "retryOf", label: t("jobs.job", { id: "" }), span: 2, children: <Link to={`/jobs/${encodeURIComponent(job.retryOf)}`}>{t("jobs.retryOf", { job: job.retryOf })}</Link> }]),
      ]}
    />
  );
}

function Payload({ job, payload }: { job: WholeJob; payload: Values }) {
  const { t } = useWords();
  const [number, setNumber] = useState(0);
  if (!Array.isArray(payload.mails)) return <Mail job={job} mail={payload} query="" />;
  const mail = payload.mails[number];
  return (
    <>
      <Space>
        <Pagination simple pageSize={1} current={number + 1} total={payload.mails.length} onChange={(page) => setNumber(page - 1)} />
        <span>{t("jobs.mails", { number: number + 1, count: payload.mails.length })}</span>
      </Space>
      {mail !== undefined && <Mail job={job} mail={mail as Values} query={`&mail=${number}`} />}
    </>
  );
}

type Address = { name: string | null; address: string | null };

function addresses(list: Json | undefined): string {
  if (!Array.isArray(list)) return "—";
  const written = (list as unknown as Address[]).map(({ name, address }) => (name ? `${name} <${address ?? ""}>` : (address ?? "")));
  return written.join(", ") || "—";
}

function Mail({ job, mail, query }: { job: WholeJob; mail: Values; query: string }) {
  const { t, moment, bytes } = useWords();
  const { tenant } = useSession();
  const of = (what: string) => `${path`/api/jobs/${job.id}/`}${what}?tenant=${encodeURIComponent(tenant)}${query}`;
  const attachments = (Array.isArray(mail.attachments) ? mail.attachments : []) as { name: string | null; mediaType: string; size: number }[];
  const warnings = (Array.isArray(mail.warnings) ? mail.warnings : []) as string[];
  const text = typeof mail.text === "string" ? mail.text : "";
  const html = typeof mail.html === "string";
  return (
    <>
      <Descriptions
        bordered
        size="small"
        column={1}
        className="facts"
        items={[
          { key: "subject", label: t("messages.subject"), children: <span className="cut">{(mail.subject as string | null) ?? t("messages.noSubject")}</span> },
          { key: "from", label: t("messages.from"), children: <span className="cut">{addresses(mail.from)}</span> },
          { key: "received", label: t("messages.received"), children: moment(mail.receivedAt as string | null) },
        ]}
      />
      {warnings.length > 0 && <Alert className="form-alert" type="warning" showIcon message={t("jobs.warnings")} description={warnings.join(" ")} />}
      <Tabs
        tabBarGutter={16}
        items={[
          { key: "text", label: t("jobs.text"), children: <pre className="output" tabIndex={0} aria-label={t("jobs.text")}>{text}</pre> },
          ...(html ? [{ key: "html", label: t("jobs.html"), children: <iframe className="mail" sandbox="" title={t("jobs.html")} src={of("html")} /> }] : []),
          { key: "payload", label: t("jobs.payload"), children: <pre className="output" tabIndex={0} aria-label={t("jobs.payload")}>{JSON.stringify(mail, null, 2)}</pre> },
          {
            key: "attachments",
            label: `${t("jobs.attachments")} (${attachments.length})`,
            children: (
              <List
                locale={{ emptyText: t("jobs.noAttachments") }}
                dataSource={[...attachments.map((each, position) => ({ ...each, href: of(`attachments/${position}`) })), ...(mail.raw ? [{ name: t("jobs.raw"), mediaType: "message/rfc822", size: Number(mail.size ?? 0), href: of("raw") }] : [])]}
                renderItem={(each) => (
                  <List.Item actions={[<a key="get" href={each.href} download><DownloadOutlined /> {t("action.download")}</a>]}>
                    <div>
                      <div className="cut">{each.name ?? "—"}</div>
                      <Typography.Text type="secondary">{`${each.mediaType}, ${bytes(each.size)}`}</Typography.Text>
                    </div>
                  </List.Item>
                )}
              />
            ),
          },
        ]}
      />
    </>
  );
}
