/** What sealing and opening a session's records costs here, in MB/s: `node interop/sealing.ts`, JSON out (tests/bench/sealing.py). */
import { Cipher } from "../src/protocol/noise.ts";

const SECONDS = 0.3;
const key = crypto.getRandomValues(new Uint8Array(32));

async function rate(size: number): Promise<{ seal: number; open: number }> {
  const [sending, receiving] = [await Cipher.create(key.slice()), await Cipher.create(key.slice())];
  const plain = new Uint8Array(size);
  const sealed: Uint8Array[] = [];
  let began = performance.now();
  while (performance.now() - began < SECONDS * 1000) sealed.push(...(await Promise.all(Array.from({ length: 8 }, () => sending.seal(plain)))));
  const seal = (sealed.length * size) / 1e3 / (performance.now() - began);
  began = performance.now();
  for (let at = 0; at < sealed.length; at += 8) await Promise.all(sealed.slice(at, at + 8).map((record) => receiving.open(record)));
  return { seal, open: (sealed.length * size) / 1e3 / (performance.now() - began) };
}

const figures: Record<string, { seal: number; open: number }> = {};
for (const size of [100, 16_000, 65_000]) figures[size] = await rate(size);
console.log(JSON.stringify(figures));
