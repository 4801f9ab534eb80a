/** Short forms of what stands beside a chart's axes. Pure. */

/** At most so many characters; what is cut off is told. */
export function shortened(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, Math.max(1, most - 1)).join("").trimEnd()}…`;
}

export interface Unit {
  readonly seconds: number;
  readonly word: "h" | "min";
}

/** What durations are drawn in, so that an axis of whole numbers says enough. */
export function unitOf(longest: number): Unit {
  return longest >= 3 * 3600 ? { seconds: 3600, word: "h" } : { seconds: 60, word: "min" };
}
