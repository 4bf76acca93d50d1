import { Button } from "antd";

import { useWords } from "../i18n";

export function MoreButton({ list }: { list: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown } }) {
  const { t } = useWords();
  if (!list.hasNextPage) return null;
  return (
    <Button className="more-button" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      {t("action.more")}
    </Button>
  );
}
