// What the form library says by itself, in the language of the page.
import { englishStringTranslator, TranslatableString } from "@rjsf/utils";

const ours: Partial<Record<TranslatableString, string>> = {
  [TranslatableString.ArrayItemTitle]: "form.item",
  [TranslatableString.YesLabel]: "form.yes",
  [TranslatableString.NoLabel]: "form.no",
  [TranslatableString.AddButton]: "form.addItem",
  [TranslatableString.AddItemButton]: "form.addItem",
  [TranslatableString.RemoveButton]: "form.removeItem",
  [TranslatableString.MoveUpButton]: "form.moveUp",
  [TranslatableString.MoveDownButton]: "form.moveDown",
};

export function libraryWords(t: (key: string) => string) {
  return (words: TranslatableString, parts?: string[]) => {
    const key = ours[words];
    return key === undefined ? englishStringTranslator(words, parts) : t(key);
  };
}
