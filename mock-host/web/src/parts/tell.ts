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
    const by = (kind: "success" | "info" | "error") => (words: string) => void message[kind](words, secondsToRead(words));
    return { success: by("success"), info: by("info"), error: by("error") };
  }, [message]);
}
