// The language of the pages: the browser's at first, then what was chosen. Texts of plugins come from the plugins,
// in both languages, and are picked here.
import i18next from "i18next";
import { useMemo } from "react";
import { initReactI18next, useTranslation } from "react-i18next";

import { setCaller } from "../api/http";
import type { Localized } from "../api/types";
import { durationIn } from "./duration";
import { en } from "./en";
import { inLanguage } from "./in-language";
import { ru } from "./ru";

export type Language = "en" | "ru";

const kept = "language";

function first(): Language {
  const chosen = localStorage.getItem(kept) ?? navigator.language;
  return chosen.toLowerCase().startsWith("ru") ? "ru" : "en";
}

function note(language: string): void {
  document.documentElement.lang = language;
  setCaller({ language });
}

void i18next.use(initReactI18next).init({
  lng: first(),
  fallbackLng: false,
  resources: { en: { translation: en }, ru: { translation: ru } },
  interpolation: { escapeValue: false }, // React does
  returnNull: false,
});
note(i18next.language);
i18next.on("languageChanged", note);

export function choose(language: Language): void {
  localStorage.setItem(kept, language);
  void i18next.changeLanguage(language);
}

export function useWords() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return useMemo(() => {
    const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
    const number = new Intl.NumberFormat(language);
    return {
      t,
      language,
      of: (text: Localized | null | undefined) => inLanguage(text, language),
      moment: (time: string | null | undefined) => (time ? moment.format(new Date(time)) : "—"),
      number: (value: number) => number.format(value),
      bytes: (value: number) => {
        const unit = value < 1024 ? "byte" : value < 1024 ** 2 ? "kilobyte" : "megabyte";
        const scale = unit === "byte" ? 1 : unit === "kilobyte" ? 1024 : 1024 ** 2;
        return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 }).format(value / scale);
      },
      duration: (milliseconds: number) => durationIn(language, milliseconds),
      // A word of the vocabulary, or what the host said where there is none.
      word: (group: string, name: string) => t(`${group}.${name}`, { defaultValue: name }),
    };
  }, [t, language]);
}
