// A state by colour and word.
import { Tag } from "antd";

import { useWords } from "../i18n";

const colours: Record<string, string> = {
  watching: "green",
  polling: "green",
  started: "green",
  running: "blue",
  succeeded: "green",
  delivered: "green",
  connecting: "blue",
  starting: "blue",
  queued: "blue",
  pending: "gold",
  throttled: "gold",
  paused: "gold",
  held: "gold",
  interrupted: "gold",
  error: "red",
  failed: "red",
  refused: "red",
  loginRefused: "red",
  consentNeeded: "red",
  parked: "red",
  quarantined: "red",
};

export function StateTag({ group, state }: { group: string; state: string }) {
  const { word } = useWords();
  return (
    <Tag color={colours[state] ?? "default"} className="state-tag">
      {word(group, state)}
    </Tag>
  );
}
