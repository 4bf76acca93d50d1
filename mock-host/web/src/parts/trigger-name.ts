import type { TriggerOfTask } from "../api/types";

// What a person knows a trigger by, in a line.
export function triggerName({ type, parameters }: TriggerOfTask): string {
  return String(parameters.Email ?? type);
}
