import { Alert, Button, Spin } from "antd";

import { Problem } from "../api/http";
import { useWords } from "../i18n";

export function Loading() {
  return (
    <div className="loading">
      <Spin />
    </div>
  );
}

// Why something could not be loaded or done: in our words where its code says all, else in the host's.
export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  const { t } = useWords();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      message={t("problem.load")}
      description={wordsOf(error, t)}
      action={again && <Button onClick={again}>{t("action.reload")}</Button>}
    />
  );
}

export function wordsOf(error: unknown, t: (key: string, options?: Record<string, unknown>) => string): string {
  if (!(error instanceof Problem)) return String(error);
  if (error.code === "unreachable") return t("problem.unreachable");
  if (error.status === 429 && error.retryAfter !== null) return t("problem.tooMany", { count: error.retryAfter });
  const ours = t(`problem.of.${error.code}`, { defaultValue: "" });
  if (ours !== "") return ours;
  return [error.message, ...error.faults.map((fault) => `${fault.field}: ${fault.message}`)].filter(Boolean).join("\n");
}
