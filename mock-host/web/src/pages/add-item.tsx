// A button that adds an item to a settings page and hands over what the page keeps.
import { PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";

import { http, path } from "../api/http";
import { useSession } from "../api/session";
import type { SettingsItem, SettingsPage } from "../api/types";
import { useWords } from "../i18n";
import { ItemEditor } from "./item-editor";

export function AddItem({ page: id, added }: { page: string; added: (item: SettingsItem) => void }) {
  const { t, of } = useWords();
  const { tenant } = useSession();
  const [open, setOpen] = useState(false);
  // Whoever may not see the page is not offered it.
  const page = useQuery({ queryKey: ["page", tenant, id], queryFn: () => http.get<SettingsPage>(path`/api/settings-pages/${id}`), staleTime: Infinity, retry: false });
  if (!page.data) return null;
  return (
    <>
      <Button icon={<PlusOutlined />} onClick={() => setOpen(true)}>
        {of(page.data.addTitle) || t("action.add")}
      </Button>
      {open && <ItemEditor page={page.data} item={null} close={() => setOpen(false)} saved={added} />}
    </>
  );
}
