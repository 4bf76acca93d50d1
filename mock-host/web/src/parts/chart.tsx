// Lines over time, by uPlot; the same as a table for those who can't see them.
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { useWords } from "../i18n";

export interface Line {
  name: string;
  colour: string;
  values: (number | null)[];
  as?: "bars" | "steps"; // else a line from point to point
}

interface Props {
  title: string;
  times: number[]; // seconds
  lines: Line[];
  format?: (value: number) => string; // of a measured value; without it they are counts
}

// Ticks of the axes: whole minutes, and whole numbers where something is counted.
const minutes = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360].map((each) => each * 60);
const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];

function pathsOf(as: Line["as"]) {
  if (as === "bars") return uPlot.paths.bars!({ size: [0.8, 20] });
  return as === "steps" ? uPlot.paths.stepped!({ align: 1 }) : undefined;
}

export function Chart({ title, times, lines, format }: Props) {
  const { t, number, moment } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const write = format ?? number;
  useEffect(() => {
    const element = place.current!;
    const plot = new uPlot(
      {
        width: Math.max(element.clientWidth, 200),
        height: 220,
        legend: { live: false },
        cursor: { show: false },
        scales: { x: { range: (_, from, to) => [Math.min(from, to - 60), to] }, y: { range: (_, __, most) => [0, Math.max(most ?? 0, 1)] } },
        padding: [null, 32, null, null],
        axes: [
          { incrs: minutes, space: 70, values: (_, splits) => splits.map((at) => new Date(at * 1000).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" })) },
          { size: 70, incrs: format ? undefined : whole, values: (_, splits) => splits.map((value) => write(value)) },
        ],
        series: [{}, ...lines.map(({ name, colour, as }) => ({ label: name, stroke: colour, fill: as === "bars" ? colour : undefined, width: 2, points: { show: as === undefined, size: 5, fill: colour }, spanGaps: true, paths: pathsOf(as) }))],
      },
      [times, ...lines.map(({ values }) => values)] as uPlot.AlignedData,
      element,
    );
    const resized = new ResizeObserver(() => plot.setSize({ width: Math.max(element.clientWidth, 200), height: 220 }));
    resized.observe(element);
    return () => {
      resized.disconnect();
      plot.destroy();
    };
  }, [times, lines, format, write]);
  const told = times.map((at, position) => ({ at, values: lines.map(({ values }) => values[position] ?? null) })).filter(({ values }) => values.some((value) => value !== null && value !== 0));
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <details>
        <summary>{t("dashboard.table")}</summary>
        <div className="table-wrap" tabIndex={0} role="region" aria-label={title}>
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t("dashboard.time")}</th>
                {lines.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {told.map(({ at, values }) => (
                <tr key={at}>
                  <th scope="row">{moment(new Date(at * 1000).toISOString())}</th>
                  {values.map((value, position) => (
                    <td key={position}>{value === null ? "—" : write(value)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
