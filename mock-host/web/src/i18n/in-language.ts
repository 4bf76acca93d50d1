import type { Localized } from "../api/types";

export function inLanguage(text: Localized | null | undefined, language: string): string {
  if (text === null || text === undefined) return "";
  return typeof text === "string" ? text : language === "ru" ? text.ru : text.en;
}
