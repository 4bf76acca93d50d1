// The latest mails of a mailbox, and what a trigger would do with each, before anything is saved.
import { EyeOutlined } from "@ant-design/icons";
import { Button, Tag } from "antd";
import { useState } from "react";

import { http, path, Problem, type FieldFault } from "../api/http";
import type { Values } from "../api/types";
import { useWords } from "../i18n";
import { wordsOf } from "./loading";
import { useTell } from "./tell";
import { WideTable } from "./wide-table";

interface Previewed {
  items: { subject: string | null; from: string | null; receivedAt: string; wouldStart: boolean; reason: { code: string; text: string } }[];
  there?: { all: number; unread: number | null };
}

export function Preview({ type, parameters, faulty }: { type: string; parameters: () => Values; faulty: (faults: FieldFault[]) => void }) {
  const { t, moment } = useWords();
  const tell = useTell();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState<Previewed | null>(null);
  const look = async () => {
    setBusy(true);
    faulty([]);
    try {
      setShown(await http.post<Previewed>(path`/api/trigger-types/${type}/preview`, { parameters: parameters(), limit: 20 }));
    } catch (error) {
      setShown(null);
      const faults = error instanceof Problem ? error.faults : [];
      faulty(faults);
      tell.error(faults.length > 0 ? t("problem.checkForm") : wordsOf(error, t));
    }
    setBusy(false);
  };
  return (
    <div className="preview">
      <Button icon={<EyeOutlined />} loading={busy} onClick={() => void look()}>
        {t("tasks.preview")}
      </Button>
      {shown !== null && (
        <div aria-live="polite">
          <p>
            {shown.there && t("tasks.there", { count: shown.there.all })}
            {shown.there && shown.there.unread !== null && `, ${t("tasks.unread", { count: shown.there.unread })}`}
          </p>
          <WideTable
            rowKey={(_, position) => String(position)}
            size="small"
            pagination={false}
            dataSource={shown.items}
                caption={t("tasks.previewTitle")}
            locale={{ emptyText: t("tasks.noMails") }}
            columns={[
              { title: t("messages.received"), dataIndex: "receivedAt", render: (time: string) => <span className="nowrap">{moment(time)}</span> },
              { title: t("messages.from"), dataIndex: "from", render: (from: string | null) => <div className="cell-words cell-address cut">{from ?? "—"}</div> },
              { title: t("messages.subject"), dataIndex: "subject", render: (subject: string | null) => <div className="cell-words cut">{subject ?? t("messages.noSubject")}</div> },
              { title: t("messages.state"), dataIndex: "wouldStart", render: (would: boolean) => <Tag color={would ? "green" : "default"}>{would ? t("tasks.wouldStart") : t("tasks.wouldNot")}</Tag> },
              { title: t("messages.reason"), key: "reason", render: (_, row) => <div className="cell-words cut">{row.reason.text}</div> },
            ]}
          />
        </div>
      )}
    </div>
  );
}
