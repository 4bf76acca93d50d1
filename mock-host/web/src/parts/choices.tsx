import { Modal, Select } from "antd";
import { useState } from "react";

import { useWords } from "../i18n";

export function Choices({ choices, now, choose, close }: { choices: string[]; now: string;  choose: (name: string) => void; close: () => void }) {
  const { t } = useWords();
  const [chosen, setChosen] = useState<string | undefined>(choices.includes(now) ? now : choices[0]);
  return (
    <Modal open title={t("settings.choose")} okText={t("settings.choose")} cancelText={t("action.cancel")} onCancel={close} onOk={() => chosen !== undefined && choose(chosen)}>
      <Select showSearch className="choices" aria-label={t("settings.choose")} value={chosen} onChange={setChosen} options={choices.map((name) => ({ value: name, label: name }))} />
    </Modal>
  );
}
