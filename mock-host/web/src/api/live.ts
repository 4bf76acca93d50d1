// Keeps what a page shows up to date: the host tells what has changed (GET /api/events), and what was asked of it
// is asked anew.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

// By kind of event, the first parts of the keys of the queries that it concerns.
const concerned: Record<string, string[]> = {
  job: ["jobs", "job", "dashboard", "messages", "trigger"],
  task: ["tasks", "task", "trigger"],
  trigger: ["trigger", "messages"],
  "settings-item": ["items", "item", "dashboard"],
  asset: ["assets"],
  journal: ["journal"],
};

const pause = 300; // ms: many events that come together cost one call

// Whether the host is listened to right now.
export function useLive(tenant: string): boolean {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  useEffect(() => {
    const source = new EventSource(`/api/events?tenant=${encodeURIComponent(tenant)}`);
    let due = new Set<string>();
    let timer: number | undefined;
    const refresh = () => {
      timer = undefined;
      const keys = due;
      due = new Set();
      for (const key of keys) void queries.invalidateQueries({ queryKey: [key] });
    };
    const note = (keys: string[]) => {
      keys.forEach((key) => due.add(key));
      timer ??= window.setTimeout(refresh, pause);
    };
    for (const [kind, keys] of Object.entries(concerned)) source.addEventListener(kind, () => note(keys));
    source.addEventListener("reset", () => void queries.invalidateQueries());
    source.onopen = () => setConnected(true);
    source.onerror = () => setConnected(false);
    return () => {
      window.clearTimeout(timer);
      source.close();
    };
  }, [tenant, queries]);
  return connected;
}
