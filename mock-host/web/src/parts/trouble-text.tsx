// What went wrong with a mailbox or trigger, and what to do about it.
import { Typography } from "antd";

import type { Json } from "../api/types";

export function TroubleText({ error }: { error: Json | undefined }) {
  if (typeof error !== "object" || error === null || Array.isArray(error)) return null;
  const said = [error.text, error.serverText].find((text): text is string => typeof text === "string" && text !== "");
  return (
    <div className="cut">
      {said && (
        <Typography.Text type="danger" className="trouble-said">
          {said}
        </Typography.Text>
      )}
      {typeof error.advice === "string" && <div className="trouble-advice">{error.advice}</div>}
    </div>
  );
}
