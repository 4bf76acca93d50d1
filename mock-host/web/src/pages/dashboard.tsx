// How it goes: jobs a minute, what waits, how long mails take, and the states of what plugins watch.
import { useQuery } from "@tanstack/react-query";
import { Card, Col, Row, Segmented, Space, Statistic } from "antd";
import { useMemo, useState } from "react";

import { http } from "../api/http";
import { useSession } from "../api/session";
import { useWords } from "../i18n";
import { Chart } from "../parts/chart";
import { Loading, Trouble } from "../parts/loading";
import { Page } from "../parts/page";
import { StateTag } from "../parts/state-tag";

type States = Record<string, Record<string, number>>; // page -> state -> items

interface Figures {
  buckets: { at: string; jobs: number; succeeded: number; failed: number; latencyMs: number | null }[];
  backlog: { queued: number; starting: number; running: number };
  items?: States;
  series: { at: string; backlog: number; items?: States }[];
}

const palette = ["#237804", "#1554ad", "#ad6800", "#cf1322", "#531dab", "#006d75", "#595959", "#9e1068"];

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

export default function Dashboard() {
  const { t, duration } = useWords();
  const { tenant } = useSession();
  const [minutes, setMinutes] = useState(60);
  const figures = useQuery({ queryKey: ["dashboard", tenant, minutes], queryFn: () => http.get<Figures>(`/api/dashboard?minutes=${minutes}`), refetchInterval: 15_000 });
  return (
    <Page
      title={t("dashboard.title")}
      actions={
        <Segmented
          aria-label={t("dashboard.minutes")}
          value={minutes}
          onChange={setMinutes}
          options={[
            { value: 60, label: t("dashboard.lastHour") },
            { value: 1440, label: t("dashboard.lastDay") },
          ]}
        />
      }
    >
      {figures.error && <Trouble error={figures.error} again={() => void figures.refetch()} />}
      {figures.data ? <Charts figures={figures.data} latency={duration} /> : figures.isLoading && <Loading />}
    </Page>
  );
}

function Charts({ figures, latency }: { figures: Figures; latency: (milliseconds: number) => string }) {
  const { t, word, number } = useWords();
  const written = (value: string | number) => number(Number(value));
  const { buckets, backlog, items, series } = figures;
  const times = useMemo(() => buckets.map(({ at }) => seconds(at)), [buckets]);
  const perMinute = useMemo(() => [{ name: t("dashboard.jobs"), colour: "#1554ad", as: "bars" as const, values: buckets.map(({ jobs }) => jobs) }, { name: t("dashboard.failed"), colour: "#cf1322", as: "bars" as const, values: buckets.map(({ failed }) => failed) }], [buckets, t]);
  const latencies = useMemo(() => [{ name: t("dashboard.latency"), colour: "#531dab", values: buckets.map(({ latencyMs }) => latencyMs) }], [buckets, t]);
  const seriesTimes = useMemo(() => series.map(({ at }) => seconds(at)), [series]);
  const backlogs = useMemo(() => [{ name: t("dashboard.backlog"), colour: "#ad6800", as: "steps" as const, values: series.map((point) => point.backlog) }], [series, t]);
  const states = useMemo(() => {
    const names = [...new Set(series.flatMap((point) => Object.values(point.items ?? {}).flatMap((page) => Object.keys(page))))].sort();
    return names.map((name, position) => ({
      name: word("itemState", name),
      colour: palette[position % palette.length]!,
      as: "steps" as const,
      values: series.map((point) => Object.values(point.items ?? {}).reduce((sum, page) => sum + (page[name] ?? 0), 0)),
    }));
  }, [series, word]);
  const now = Object.values(items ?? {}).flatMap((page) => Object.entries(page));
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24}>
        <Card size="small">
          <Space size="large" wrap>
            {(["queued", "starting", "running"] as const).map((state) => (
              <Statistic key={state} title={word("jobState", state)} value={backlog[state]} formatter={written} />
            ))}
            {now.map(([state, count]) => (
              <Statistic key={state} title={<StateTag group="itemState" state={state} />} value={count} formatter={written} />
            ))}
          </Space>
        </Card>
      </Col>
      <Col xs={24} xl={12}>
        <Card size="small">
          <Chart title={t("dashboard.perMinute")} times={times} lines={perMinute} />
        </Card>
      </Col>
      <Col xs={24} xl={12}>
        <Card size="small">
          <Chart title={t("dashboard.latency")} times={times} lines={latencies} format={latency} />
        </Card>
      </Col>
      <Col xs={24} xl={12}>
        <Card size="small">
          <Chart title={t("dashboard.backlog")} times={seriesTimes} lines={backlogs} />
        </Card>
      </Col>
      {states.length > 0 && (
        <Col xs={24} xl={12}>
          <Card size="small">
            <Chart title={t("dashboard.states")} times={seriesTimes} lines={states} />
          </Card>
        </Col>
      )}
    </Row>
  );
}
