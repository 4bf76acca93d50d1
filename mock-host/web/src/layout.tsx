import { AppstoreOutlined, BarChartOutlined, BookOutlined, LogoutOutlined, MenuOutlined, PlayCircleOutlined, ScheduleOutlined, SettingOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Alert, Button, Drawer, Grid, Layout as Ant, Menu, Select, Space, Typography } from "antd";
import { useState, type ReactNode } from "react";
import { Link, useLocation } from "react-router-dom";

import { http } from "./api/http";
import { useLive } from "./api/live";
import { useSession } from "./api/session";
import type { SettingsPage } from "./api/types";
import { useWords } from "./i18n";
import { LanguageSwitch } from "./parts/language-switch";

export function Layout({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const { tenant, ended } = useSession();
  const wide = Grid.useBreakpoint().lg ?? true;
  const [open, setOpen] = useState(false);
  const connected = useLive(tenant, ended);
  return (
    <Ant className="layout">
      <Ant.Header className="header">
        <Space>
          {!wide && <Button type="text" className="on-dark" icon={<MenuOutlined />} aria-label={t("layout.menu")} onClick={() => setOpen(true)} />}
          <Typography.Text strong className="on-dark product">
            {t("product")}
          </Typography.Text>
        </Space>
        <Who />
      </Ant.Header>
      <Ant>
        {wide ? (
          <Ant.Sider theme="light" width={250}>
            <nav aria-label={t("menu.main")}>
              <MainMenu />
            </nav>
          </Ant.Sider>
        ) : (
          <Drawer placement="left" open={open} onClose={() => setOpen(false)} title={t("layout.menu")} width={290}>
            <nav aria-label={t("menu.main")} onClick={() => setOpen(false)}>
              <MainMenu />
            </nav>
          </Drawer>
        )}
        <Ant.Content className="content">
          {!connected && <Alert banner type="warning" message={t("layout.connectionLost")} role="status" />}
          <div key={tenant}>{children}</div>
        </Ant.Content>
      </Ant>
    </Ant>
  );
}

function MainMenu() {
  const { t, of } = useWords();
  const { administrates, tenant } = useSession();
  const { pathname } = useLocation();
  const pages = useQuery({ queryKey: ["pages", tenant], queryFn: () => http.all<SettingsPage>("/api/settings-pages"), enabled: administrates, staleTime: Infinity });
  const entry = (key: string, icon: ReactNode, words: string) => ({ key, icon, label: <Link to={key}>{words}</Link> });
  const selected = pathname === "/" ? "/" : pathname.startsWith("/triggers") ? "/tasks" : (["/tasks", "/jobs", "/journal", "/plugins"].find((start) => pathname.startsWith(start)) ?? pathname);
  return (
    <Menu
      mode="inline"
      selectedKeys={[selected]}
      defaultOpenKeys={["settings"]}
      items={[
        entry("/", <BarChartOutlined />, t("menu.dashboard")),
        entry("/tasks", <ScheduleOutlined />, t("menu.tasks")),
        entry("/jobs", <PlayCircleOutlined />, t("menu.jobs")),
        ...(administrates
          ? [
              {
                key: "settings",
                icon: <SettingOutlined />,
                label: t("menu.settings"),
                // Room is kept for what is not known yet, or what is below it would move when it is.
                children: pages.data?.map((page) => entry(`/settings/${page.id}`, null, of(page.title))) ?? [{ key: "unknown", disabled: true, label: "…" }],
              },
              entry("/journal", <BookOutlined />, t("menu.journal")),
            ]
          : []),
        entry("/plugins", <AppstoreOutlined />, t("menu.plugins")),
      ]}
    />
  );
}

function Who() {
  const { t, word } = useWords();
  const { session, tenant, chooseTenant, signOut } = useSession();
  const tenants = session!.tenants ?? [];
  return (
    <Space className="who" wrap>
      {session!.role === "Administrator" && tenants.length > 1 && (
        <Select
          aria-label={t("layout.tenant")}
          className="tenant"
          value={tenant}
          onChange={chooseTenant}
          options={tenants.map(({ id, name }) => ({ value: id, label: id === "" && name === "Default" ? t("layout.defaultTenant") : name || id }))}
        />
      )}
      <LanguageSwitch />
      <Typography.Text className="on-dark user" title={word("role", session!.role)}>
        {session!.name}
      </Typography.Text>
      <Button type="text" className="on-dark" icon={<LogoutOutlined />} onClick={() => void signOut()}>
        {t("action.signOut")}
      </Button>
    </Space>
  );
}
