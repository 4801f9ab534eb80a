/**
 * The customer's pointer, drawn by this page on a small canvas of its own: under the technician's hand without a round
 * trip, and where the customer moves it otherwise. Before a shape has come the browser's own pointer is shown.
 */
import type { Screen } from "../../screen/screen.ts";

/** Until the result is called. `own`: the technician's hand leads the pointer. */
export function drawCursor(screen: Screen, surface: HTMLCanvasElement, cursor: HTMLCanvasElement, own: boolean): () => void {
  const stop = new AbortController();
  /** Whether there is a picture to show: a pointer without one is hidden at the other end too. */
  let drawn = false;

  const put = (x: number, y: number) => {
    const { width } = screen.size.value ?? { width: 1 };
    const scale = surface.clientWidth / width;
    const { hot_x, hot_y } = screen.cursor.value ?? { hot_x: 0, hot_y: 0 };
    cursor.style.transform = `translate(${x * scale - hot_x}px, ${y * scale - hot_y}px)`;
    cursor.hidden = !drawn;
  };
  const shape = () => {
    const picture = screen.cursor.value;
    cursor.hidden = true;
    drawn = false;
    surface.style.cursor = picture && own ? "none" : "";
    if (!picture || picture.width === 0 || picture.height === 0) return;
    const { width, height, rgba } = picture;
    if (rgba.length !== width * height * 4) return;
    cursor.width = width;
    cursor.height = height;
    cursor.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), width, height), 0, 0);
    drawn = true;
    cursor.hidden = false;
  };

  const stops = [screen.cursor.watch(shape), screen.pointer.watch((at) => at && put(at.x, at.y))];
  if (own) {
    const follow = (event: PointerEvent) => {
      const box = surface.getBoundingClientRect();
      const { width } = screen.size.value ?? { width: 1 };
      const scale = width / box.width;
      put((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
    };
    surface.addEventListener("pointermove", follow, { signal: stop.signal });
    surface.addEventListener("pointerleave", () => (cursor.hidden = true), { signal: stop.signal });
  }
  shape();
  return () => {
    stop.abort();
    for (const end of stops) end();
    surface.style.cursor = "";
  };
}
