import { useSession } from "../api/session";
import type { JournalEntry } from "../api/types";
import { useWords } from "../i18n";
import { Trouble } from "../parts/loading";
import { MoreButton } from "../parts/more-button";
import { Page } from "../parts/page";
import { usePaged } from "../parts/paged";
import { WideTable } from "../parts/wide-table";

export default function Journal() {
  const { t, moment } = useWords();
  const { tenant } = useSession();
  const entries = usePaged<JournalEntry>(["journal", tenant], "/api/journal");
  return (
    <Page title={t("journal.title")}>
      {entries.error && <Trouble error={entries.error} again={() => void entries.refetch()} />}
      <WideTable<JournalEntry>
        rowKey="id"
        dataSource={entries.items}
        loading={entries.isLoading}
        pagination={false}
        locale={{ emptyText: t("journal.empty") }}
        columns={[
          { title: t("journal.at"), dataIndex: "at", render: (time: string) => <span className="nowrap">{moment(time)}</span> },
          { title: t("journal.event"), key: "event", render: (_, entry) => `${entry.code} ${entry.name}` },
          { title: t("journal.subject"), key: "subject", render: (_, entry) => <div className="cell-words cell-address cut">{entry.subject.name || entry.subject.id}</div> },
          { title: t("journal.user"), dataIndex: "user", render: (user: string | null, entry) => user || entry.plugin || t("journal.byPlugin") },
          { title: t("journal.details"), dataIndex: "details", render: (details: JournalEntry["details"]) => <code className="cell-details cut">{Object.keys(details).length === 0 ? "—" : JSON.stringify(details)}</code> },
        ]}
      />
      <MoreButton list={entries} />
    </Page>
  );
}
