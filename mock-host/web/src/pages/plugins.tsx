import { useQuery } from "@tanstack/react-query";
import { Descriptions, Typography } from "antd";

import { http } from "../api/http";
import { useSession } from "../api/session";
import type { Plugin } from "../api/types";
import { useWords } from "../i18n";
import { Trouble } from "../parts/loading";
import { Page } from "../parts/page";
import { StateTag } from "../parts/state-tag";
import { WideTable } from "../parts/wide-table";

export default function Plugins() {
  const { t, of } = useWords();
  const { tenant } = useSession();
  const plugins = useQuery({ queryKey: ["plugins", tenant], queryFn: () => http.all<Plugin>("/api/plugins") });
  return (
    <Page title={t("plugins.title")}>
      {plugins.error && <Trouble error={plugins.error} again={() => void plugins.refetch()} />}
      <WideTable<Plugin>
        rowKey="folder"
        dataSource={plugins.data ?? []}
        loading={plugins.isLoading}
        pagination={false}
        locale={{ emptyText: t("plugins.empty") }}
        expandable={{
          columnTitle: <span className="unseen">{t("journal.details")}</span>,
          expandedRowRender: (plugin) => (
            <Descriptions
              size="small"
              column={1}
              items={[
                { key: "id", label: "id", children: plugin.id ?? "—" },
                { key: "folder", label: t("plugins.folder"), children: <span className="cut">{plugin.folder}</span> },
                { key: "extensions", label: t("plugins.extensions"), children: plugin.extensions.join(", ") || "—" },
              ]}
            />
          ),
        }}
        columns={[
          {
            title: t("plugins.name"),
            key: "name",
            rowScope: "row",
            render: (_, plugin) => (
              <>
                <div>{of(plugin.name) || plugin.folder}</div>
                <Typography.Text type="secondary" className="aside">{of(plugin.description)}</Typography.Text>
              </>
            ),
          },
          { title: t("plugins.version"), dataIndex: "version", render: (version: string | null) => version ?? "—" },
          { title: t("plugins.interface"), dataIndex: "interface", render: (version: string | null) => version ?? "—" },
          { title: t("plugins.state"), dataIndex: "state", render: (state: string) => <StateTag group="pluginState" state={state} /> },
          { title: t("plugins.error"), dataIndex: "error", render: (error: string | null) => <span className="cut">{error ?? "—"}</span> },
        ]}
      />
    </Page>
  );
}
