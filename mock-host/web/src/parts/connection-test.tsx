// The steps of a connection test, as they come, each with its time; a failure with the server's words and the cure.
import { CheckCircleTwoTone, CloseCircleTwoTone, LoadingOutlined } from "@ant-design/icons";
import { Alert, Button, Card, Typography } from "antd";
import { useEffect, useRef } from "react";

import { useWords } from "../i18n";

export interface TestStep {
  name: string;
  ok: boolean;
  ms: number;
  detail: string | null;
  error: string | null;
  advice: string | null;
  pin?: string | null;
}

interface Props {
  steps: TestStep[];
  running: boolean;
  take?: (pin: string) => void; // what the test offers to fill in
}

export function ConnectionTest({ steps, running, take }: Props) {
  const { t, duration, word } = useWords();
  const failed = steps.find((step) => !step.ok);
  // It stands where the buttons were that began it, at the end of a long form.
  const card = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void card.current!.scrollIntoView({ block: "nearest" }); // newer browsers give a promise
  }, []);
  return (
    <Card ref={card} size="small" className="connection-test" aria-live="polite">
      <ol className="steps">
        {steps.map((step) => (
          <li key={step.name}>
            {step.ok ? <CheckCircleTwoTone twoToneColor="#237804" aria-label="✓" /> : <CloseCircleTwoTone twoToneColor="#cf1322" aria-label="✗" />}
            <span className="step-name">{word("step", step.name)}</span>
            <span className="step-time">{duration(step.ms)}</span>
            <div className="step-detail cut">
              {step.detail}
              {step.error && (
                <Typography.Text type="danger" className="block">
                  {step.error}
                </Typography.Text>
              )}
              {step.advice && <div>{step.advice}</div>}
              <Offer step={step} take={take} />
            </div>
          </li>
        ))}
      </ol>
      {running && (
        <span role="status">
          <LoadingOutlined /> {t("settings.testing")}
        </span>
      )}
      {!running && steps.length > 0 && <Alert showIcon role="status" type={failed ? "error" : "success"} message={failed ? t("settings.testFailed") : t("settings.testOk")} />}
    </Card>
  );
}

function Offer({ step, take }: { step: TestStep; take: Props["take"] }) {
  const { t } = useWords();
  const { pin } = step;
  if (!pin) return null;
  return (
    <div>
      <Typography.Text code className="cut">
        {pin}
      </Typography.Text>{" "}
      {take && (
        <Button size="small" onClick={() => take(pin)}>
          {t("settings.apply")}
        </Button>
      )}
    </div>
  );
}
