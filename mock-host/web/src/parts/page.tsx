import { Typography } from "antd";
import { useEffect, type ReactNode } from "react";

import { useWords } from "../i18n";

export function Page({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const { t } = useWords();
  useEffect(() => {
    document.title = `${title} · ${t("product")}`;
  }, [title, t]);
  return (
    <>
      <div className="page-head">
        <Typography.Title level={1}>{title}</Typography.Title>
        {actions}
      </div>
      {children}
    </>
  );
}
