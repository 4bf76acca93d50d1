// Keeps what a page shows up to date: the host tells what has changed (GET /api/events), and what was asked of it
// is asked anew.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { http } from "./http";

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

const patience = 5_000; // ms: a stream ends each hour, and goes on after two seconds
const refusedPause = 3_000; // ms

// Whether the host is listened to right now.
export function useLive(tenant: string, ended: boolean): boolean {
  const queries = useQueryClient();
  const [connected, setConnected] = useState(true);
  const [attempt, setAttempt] = useState(0);
  const missed = useRef(false); // what came between two streams
  useEffect(() => {
    if (ended) {
      missed.current = true;
      return;
    }
    const source = new EventSource(`/api/events?tenant=${encodeURIComponent(tenant)}`);
    let silence: number | undefined;
    let again: number | undefined;
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
    source.onopen = () => {
      window.clearTimeout(silence);
      silence = undefined;
      setConnected(true);
      if (missed.current) void queries.invalidateQueries();
      missed.current = false;
    };
    source.onerror = () => {
      silence ??= window.setTimeout(() => setConnected(false), patience);
      if (source.readyState !== EventSource.CLOSED) return;
      // Refused, the browser does not try again, nor says why: the session may have ended with the host.
      missed.current = true;
      again = window.setTimeout(() => setAttempt((before) => before + 1), refusedPause);
      void http.get("/api/me").catch(() => undefined);
    };
    return () => {
      window.clearTimeout(timer);
      window.clearTimeout(silence);
      window.clearTimeout(again);
      source.close();
    };
  }, [tenant, ended, attempt, queries]);
  return connected;
}
