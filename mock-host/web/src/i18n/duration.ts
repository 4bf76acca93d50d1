// How long something took, in the largest unit of which it is one at least.
const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
  ["millisecond", 1],
] as const;

export function durationIn(language: string, milliseconds: number): string {
  const [unit, length] = units.find(([, length]) => milliseconds >= length) ?? units.at(-1)!;
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: unit === "millisecond" ? 0 : 1 }).format(milliseconds / length);
}
