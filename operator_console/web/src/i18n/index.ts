/** Text for people: `t("Ends in {n} s", { n })`. English sentences are the keys; catalogues replace them. */

export type Values = Readonly<Record<string, string | number>>;

export function t(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}
