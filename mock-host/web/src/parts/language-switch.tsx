import { Segmented } from "antd";

import { choose, useWords, type Language } from "../i18n";

export function LanguageSwitch() {
  const { t, language } = useWords();
  return (
    <Segmented<Language>
      aria-label={t("layout.language")}
      value={language}
      onChange={choose}
      options={[
        { label: <span lang="ru">Русский</span>, value: "ru" },
        { label: <span lang="en">English</span>, value: "en" },
      ]}
    />
  );
}
