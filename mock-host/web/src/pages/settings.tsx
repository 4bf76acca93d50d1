// A settings page of a plugin: its items in a table, a form for one of them, and what else it can do.
import { DeleteOutlined, EditOutlined, EyeOutlined, LockOutlined, PauseCircleOutlined, PlayCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Validator, type Schema } from "@cfworker/json-schema";
import { useQuery } from "@tanstack/react-query";
import { Button, Descriptions, Input, Popconfirm, Space, Tag, Tooltip } from "antd";
import type { ColumnsType } from "antd/es/table";
import { useState } from "react";
import { useParams } from "react-router-dom";

import { http, path } from "../api/http";
import { useSession } from "../api/session";
import type { Json, SettingsItem, SettingsPage } from "../api/types";
import { useWords } from "../i18n";
import { useAttempt } from "../parts/attempt";
import { Loading, Trouble } from "../parts/loading";
import { Page } from "../parts/page";
import { StateTag } from "../parts/state-tag";
import { TroubleText } from "../parts/trouble-text";
import { ItemEditor } from "./item-editor";
import { WideTable } from "../parts/wide-table";

const rfc3339 = /^\d{4}-\d\d-\d\dT/;

export default function Settings() {
  const { page: id = "" } = useParams();
  const { tenant } = useSession();
  const page = useQuery({ queryKey: ["page", tenant, id], queryFn: () => http.get<SettingsPage>(path`/api/settings-pages/${id}`), staleTime: Infinity });
  if (!page.data) return page.error ? <Trouble error={page.error} again={() => void page.refetch()} /> : <Loading />;
  return <Items page={page.data} />;
}

// What a person would look for in an item: every value that is text.
function textOf(item: SettingsItem): string {
  return Object.values(item)
    .filter((value) => typeof value === "string" || typeof value === "number")
    .join(" ")
    .toLocaleLowerCase();
}

function Items({ page }: { page: SettingsPage }) {
  const { t, of } = useWords();
  const { tenant } = useSession();
  const [search, setSearch] = useState("");
  const [edited, setEdited] = useState<SettingsItem | "new" | null>(null);
  const items = useQuery({ queryKey: ["items", tenant, page.id], queryFn: () => http.all<SettingsItem>(path`/api/settings-pages/${page.id}/items`) });
  const wanted = search.trim().toLocaleLowerCase();
  const shown = (items.data ?? []).filter((item) => textOf(item).includes(wanted));
  const columns = useColumns(page, setEdited);
  const details = page.columns.filter(({ more }) => more);
  return (
    <Page
      title={of(page.title)}
      actions={
        <Space wrap>
          <Input.Search allowClear aria-label={t("action.search")} placeholder={t("action.search")} onChange={(event) => setSearch(event.target.value)} />
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited("new")}>
            {of(page.addTitle) || t("action.add")}
          </Button>
        </Space>
      }
    >
      {items.error && <Trouble error={items.error} again={() => void items.refetch()} />}
      <WideTable<SettingsItem>
        rowKey="id"
        columns={columns}
        dataSource={shown}
        loading={items.isLoading}
        expandable={details.length === 0 ? undefined : { columnTitle: <span className="unseen">{t("journal.details")}</span>, expandedRowRender: (item) => <Details columns={details} item={item} /> }}
        pagination={{ pageSize: 25, hideOnSinglePage: true }}
        locale={{ emptyText: wanted === "" ? t("settings.empty") : t("settings.notFound") }}
      />
      {edited !== null && <ItemEditor page={page} item={edited === "new" ? null : edited} close={() => setEdited(null)} />}
    </Page>
  );
}

function useColumns(page: SettingsPage, edit: (item: SettingsItem) => void): ColumnsType<SettingsItem> {
  const { t, of } = useWords();
  const columns: ColumnsType<SettingsItem> = page.columns.filter(({ more }) => !more).map(({ field, title }, position) => ({
    title: of(title),
    key: field,
    dataIndex: field,
    sorter: (left, right) => String(left[field] ?? "").localeCompare(String(right[field] ?? ""), undefined, { numeric: true }),
    render: (value: Json, item) => (position === 0 ? <Named value={value} item={item} /> : <Cell field={field} value={value} />),
  }));
  columns.push({ title: <span className="unseen">{t("action.actions")}</span>, key: "actions", render: (_, item) => <RowActions page={page} item={item} edit={edit} /> });
  return columns;
}

// What is of less weight of an item.
function Details({ columns, item }: { columns: SettingsPage["columns"]; item: SettingsItem }) {
  const { of } = useWords();
  return <Descriptions size="small" column={{ xs: 1, md: 2, xl: 3 }} items={columns.map(({ field, title }) => ({ key: field, label: of(title), children: <Cell field={field} value={item[field] ?? null} /> }))} />;
}

function Named({ value, item }: { value: Json; item: SettingsItem }) {
  const { t } = useWords();
  return (
    <Space wrap>
      <span className="cell-name">{String(value ?? item.id)}</span>
      {item.readOnly && (
        <Tooltip title={t("settings.readOnly")}>
          <Tag icon={<LockOutlined />}>{t("settings.base")}</Tag>
        </Tooltip>
      )}
    </Space>
  );
}

function Cell({ field, value }: { field: string; value: Json }) {
  const { moment } = useWords();
  if (field === "state" && typeof value === "string") return <StateTag group="itemState" state={value} />;
  if (typeof value === "boolean") return value ? "✓" : "—";
  if (typeof value === "string" && rfc3339.test(value)) return <span className="nowrap">{moment(value)}</span>;
  if (typeof value === "object") return value === null ? "—" : <div className="cell-trouble"><TroubleText error={value} /></div>;
  return String(value ?? "—");
}

function RowActions({ page, item, edit }: { page: SettingsPage; item: SettingsItem; edit: (item: SettingsItem) => void }) {
  const { t, of } = useWords();
  const name = String(item[page.columns[0]?.field ?? "id"] ?? item.id);
  const attempt = useAttempt("items");
  const inRow = Object.entries(page.rowActions ?? {})
    .filter(([, meant]) => new Validator(meant as Schema, "2020-12").validate(item).valid)
    .map(([action]) => action);
  return (
    <Space>
      {inRow.map((action) => (
        <Tooltip key={action} title={of(page.actionTitles[action])}>
          <Button
            size="small"
            icon={action === "resume" ? <PlayCircleOutlined /> : <PauseCircleOutlined />}
            aria-label={`${of(page.actionTitles[action])}: ${name}`}
            onClick={() => void attempt(() => http.post(path`/api/settings-pages/${page.id}/actions/${action}`, { id: item.id }))}
          />
        </Tooltip>
      ))}
      <Tooltip title={item.readOnly ? t("action.show") : t("action.edit")}>
        <Button size="small" icon={item.readOnly ? <EyeOutlined /> : <EditOutlined />} aria-label={`${item.readOnly ? t("action.show") : t("action.edit")}: ${name}`} onClick={() => edit(item)} />
      </Tooltip>
      {!item.readOnly && (
        <Popconfirm
          title={t("settings.removeTitle", { name })}
          description={t("settings.removeText")}
          okText={t("action.remove")}
          cancelText={t("action.cancel")}
          onConfirm={() => attempt(() => http.remove(path`/api/settings-pages/${page.id}/items/${item.id}`), t("settings.removed", { name }))}
        >
          <Tooltip title={t("action.remove")}>
            <Button size="small" danger icon={<DeleteOutlined />} aria-label={`${t("action.remove")}: ${name}`} />
          </Tooltip>
        </Popconfirm>
      )}
    </Space>
  );
}
