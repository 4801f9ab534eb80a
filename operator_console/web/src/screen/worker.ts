/**
 * The painter's own thread: what the customer's screen shows is decoded and drawn beside the page, which stays free for
 * keys. It has no network (its policy allows nothing) and no keys: it gets messages that were opened already.
 */
import { Painter } from "./painter.ts";
import type { FromPainter, ToPainter } from "./talk.ts";

let painter: Painter | undefined;

addEventListener("message", ({ data }: MessageEvent<OffscreenCanvas | ToPainter>) => {
  if (data instanceof OffscreenCanvas) painter = new Painter(data, (word: FromPainter) => postMessage(word));
  else painter?.take(data);
});
