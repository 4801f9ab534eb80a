/**
 * The console's own configuration (pairing rule 7): the broker's public origin, which is bound into every key exchange.
 * Whoever serves the page gives it as `config.json` beside it: the broker, or `relevo console` on the technician's
 * computer, where the page's own address is a loopback one.
 */
export interface ConsoleConfig {
  readonly publicOrigin: string;
}

let known: Promise<ConsoleConfig> | undefined;

export function consoleConfig(): Promise<ConsoleConfig> {
  known ??= load();
  return known;
}

async function load(): Promise<ConsoleConfig> {
  const answer = await fetch(`${import.meta.env.BASE_URL}config.json`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`config.json: ${answer.status}`);
  const value: unknown = await answer.json();
  const origin = value !== null && typeof value === "object" && "public_origin" in value ? value.public_origin : undefined;
  if (typeof origin !== "string" || new URL(origin).origin !== origin) throw new Error("config.json names no public origin");
  return { publicOrigin: origin };
}
