// Tells a person what is wrong with a form: at its fields where it is known of which, else in words.
import { Problem, type FieldFault } from "../api/http";
import { showFirstFault } from "../forms/first-fault";
import { useWords } from "../i18n";
import { wordsOf } from "./loading";
import { useTell } from "./tell";

export function useFormTrouble(setFaults: (faults: FieldFault[]) => void) {
  const { t } = useWords();
  const tell = useTell();
  // The fields say already what is wrong with them.
  const faulty = () => {
    showFirstFault();
    tell.error(t("problem.checkForm"));
  };
  const refused = (error: unknown) => {
    const faults = error instanceof Problem ? error.faults : [];
    if (faults.length === 0) return tell.error(wordsOf(error, t));
    setFaults(faults);
    faulty();
  };
  return { faulty, refused };
}
