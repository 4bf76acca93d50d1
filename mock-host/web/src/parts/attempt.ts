// Does something by the host and says how it went; what it concerns is asked anew, whether it went well or not.
import { useQueryClient } from "@tanstack/react-query";
import { App } from "antd";

import { useWords } from "../i18n";
import { wordsOf } from "./loading";

export type Attempt = (work: () => Promise<unknown>, done?: string) => Promise<void>;

// `concerned`: the first parts of the keys of queries.
export function useAttempt(...concerned: string[]): Attempt {
  const { t } = useWords();
  const { message } = App.useApp();
  const queries = useQueryClient();
  return async (work, done) => {
    try {
      await work();
      if (done) void message.success(done);
    } catch (error) {
      void message.error(wordsOf(error, t));
    }
    await Promise.all(concerned.map((key) => queries.invalidateQueries({ queryKey: [key] })));
  };
}
