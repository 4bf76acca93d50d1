// Tells a person what happened, for as long as it takes to read it.
import { App } from "antd";
import { useMemo } from "react";

const shortest = 3; // seconds
const lettersPerSecond = 12;

export function secondsToRead(words: string): number {
  return Math.max(shortest, words.length / lettersPerSecond);
}

export function useTell() {
  const { message } = App.useApp();
  return useMemo(() => {
    // One at a time: the latest takes the place of what was told before it.
    const by = (kind: "success" | "info" | "error", seconds = secondsToRead) => (words: string) => void message[kind]({ content: words, duration: seconds(words), key: "told" });
    return { success: by("success", () => shortest), info: by("info"), error: by("error") };
  }, [message]);
}
