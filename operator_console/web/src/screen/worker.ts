/**
 * The reader's own thread: what the customer's program sent is read, checked and decoded beside the page, which stays
 * free for keys and only draws. It has no network (its policy allows nothing) and no keys: it gets messages that were
 * opened already.
 */
import { Reader } from "./reader.ts";
import { memoryOf, type FromReader, type ToReader } from "./talk.ts";

const tell = (word: FromReader) => postMessage(word, { transfer: memoryOf(word) });
const reader = new Reader(tell);
addEventListener("message", ({ data }: MessageEvent<ToReader>) => reader.take(data));
tell({ t: "ready" });
