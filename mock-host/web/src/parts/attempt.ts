// Does something by the host and says how it went; what it concerns is asked anew, whether it went well or not.
import { useQueryClient } from "@tanstack/react-query";

import { useWords } from "../i18n";
import { wordsOf } from "./loading";
import { useTell } from "./tell";

export type Attempt = (work: () => Promise<unknown>, done?: string) => Promise<void>;

// `concerned`: the first parts of the keys of queries.
export function useAttempt(...concerned: string[]): Attempt {
  const { t } = useWords();
  const tell = useTell();
  const queries = useQueryClient();
  return async (work, done) => {
    try {
      await work();
      if (done) tell.success(done);
    } catch (error) {
      tell.error(wordsOf(error, t));
    }
    await Promise.all(concerned.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}
