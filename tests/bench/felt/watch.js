// @ts-check
/**
 * In the page of either peer: when a key went down, when the canvas showed it, and which step of what moves it shows.
 *
 * Counterparts: `page.py`, which asks; `workloads/`, which draw what is read here.  The canvas is only ever read by
 * drawImage onto a small canvas of our own, so that its own context stays as it is.  It looks every 1 to 2 ms
 * while a key is under way and every 8 ms otherwise; times are performance.now().
 */
(() => {
  /** @typedef {{ kind: "code", x: number, rows: number[], block: number, bits: number }} Code */
  /** @typedef {{ kind: "place", rows: number[], bar: number, colours: number[][] }} Place */

  const KEY_MS = 1, STEP_MS = 8, ALIKE = 60;
  const small = new OffscreenCanvas(2048, 8).getContext("2d", { willReadFrequently: true });
  const felt = {
    selector: "canvas",
    /** The middle of the block that answers keys. @type {number[]} */ echo: [0, 0],
    /** @type {number[][]} */ colours: [],
    /** @type {Code | Place | null} */ steps: null,
    /** Time, and what was read at the top and at the bottom, each time that it changed. @type {number[][]} */ log: [],
    /** @type {Map<string, OffscreenCanvas>} */ kept: new Map(),
    start, expect, answer, whole, keep, kept_png, colour,
  };
  const NO_PRESS = { at: 0, heard: 0, seen: 0, framed: 0, wanted: -1 };
  /** The press under way: times at which Chromium had it, this page heard it, the canvas had it and a frame took it. */
  let press = NO_PRESS;
  let running = false, looked = 0;

  const canvas = () => /** @type {HTMLCanvasElement | null} */ (document.querySelector(felt.selector));

  /** Which of the block's colours there is; -1: none. */
  function colour() {
    const from = canvas();
    if (!from || !small) return -1;
    small.drawImage(from, felt.echo[0], felt.echo[1], 1, 1, 0, 0, 1, 1);
    return nearest(small.getImageData(0, 0, 1, 1).data, 0, felt.colours);
  }

  /** @param {Uint8ClampedArray} data @param {number} at @param {number[][]} colours */
  function nearest(data, at, colours) {
    return colours.findIndex((c) => Math.max(...c.map((value, n) => Math.abs(value - data[at + n]))) < ALIKE);
  }

  function look() {
    const now = performance.now();
    if (press.heard && !press.seen && colour() === press.wanted) seen(press);
    if (felt.steps && now - looked >= STEP_MS) {
      looked = now;
      const read = felt.steps.kind === "code" ? codes(felt.steps) : places(felt.steps);
      const last = felt.log.at(-1);
      if (read && !(last && last[1] === read[0] && last[2] === read[1])) felt.log.push([performance.now(), ...read]);
    }
    // Unlike setTimeout, a delayed task is not held back to 4 ms.
    // @ts-ignore - newer than TypeScript's library
    scheduler.postTask(look, { delay: press.seen || press.wanted < 0 ? STEP_MS : KEY_MS });
  }

  /**
   * What the page has drawn is shown with its next frame.
   * @param {typeof press} shown
   */
  function seen(shown) {
    shown.seen = performance.now();
    requestAnimationFrame(() => { shown.framed = performance.now(); });
  }

  /** @param {Code} code */
  function codes({ x, rows, block, bits }) {
    const from = canvas(), width = (bits + 3) * block;
    if (!from || !small) return null;
    rows.forEach((row, n) => small.drawImage(from, x, row, width, 1, 0, n, width, 1));
    const data = small.getImageData(0, 0, width, rows.length).data;
    return rows.map((_, n) => {
      const level = Array.from({ length: bits + 3 }, (_, at) => data[(n * width + at * block + block / 2) * 4 + 1]);
      const middle = (level[0] + level[1]) / 2;
      const read = level.slice(2).map((value) => Number(value > middle));
      if (level[0] - level[1] < 80 || read.reduce((sum, bit) => sum + bit, 0) % 2) return -1;
      let number = 0, bit = 0;
      for (const gray of read.slice(0, bits)) number = number * 2 + (bit ^= gray);
      return number;
    });
  }

  /** Where the coloured bar begins, and which colour it has: its left edge + 2048 × its colour. @param {Place} place */
  function places({ rows, bar, colours }) {
    const from = canvas(), width = 1440;
    if (!from || !small) return null;
    rows.forEach((row, n) => small.drawImage(from, 0, row, width, 1, 0, n, width, 1));
    const data = small.getImageData(0, 0, width, rows.length).data;
    return rows.map((_, n) => {
      let run = 0, last = -1;
      for (let x = 0; x < width; x++) {
        const found = nearest(data, (n * width + x) * 4, colours);
        run = found >= 0 && found === last ? run + 1 : found >= 0 ? 1 : 0;
        last = found;
        if (run === bar / 2) return x - run + 1 + 2048 * found;
      }
      return -1;
    });
  }

  /** Watch from now on. */
  function start() {
    if (running) return;
    running = true;
    // In the capturing phase at the top: before either peer's own listener.
    window.addEventListener("keydown", (event) => {
      if (!press.heard) Object.assign(press, { at: event.timeStamp, heard: performance.now() });
    }, true);
    look();
  }

  /** The next key turns the block into that of its colours. @param {number} wanted */
  function expect(wanted) {
    press = { ...NO_PRESS, wanted };
  }

  /** How that key fared, once it is seen; null after `limit` ms. @param {number} limit */
  async function answer(limit) {
    const until = performance.now() + limit;
    while (!press.framed && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 5));
    const found = press.framed ? press : null;
    press = NO_PRESS;
    return found;
  }

  /**
   * When every eighth pixel of every eighth row of an area is what is wanted, but for one in fifty.
   * @param {number[]} area x, y, width, height @param {string} wanted base64 of RGB, row by row
   */
  async function whole([x, y, width, height], wanted) {
    const rgb = Uint8Array.from(atob(wanted), (c) => c.charCodeAt(0));
    const columns = width / 8, rows = height / 8;
    const reading = new OffscreenCanvas(columns, rows).getContext("2d", { willReadFrequently: true });
    if (!reading) throw new Error("no canvas");
    reading.imageSmoothingEnabled = false;
    for (;;) {
      const from = canvas();
      if (from && from.width > 0) {
        reading.drawImage(from, x + 0.5, y + 0.5, width, height, 0, 0, columns, rows); // the middle of pixel 4 of 8
        const data = reading.getImageData(0, 0, columns, rows).data;
        let wrong = 0;
        for (let n = 0; n < columns * rows; n++)
          if ([0, 1, 2].some((c) => Math.abs(data[n * 4 + c] - rgb[n * 3 + c]) > ALIKE)) wrong++;
        if (wrong * 50 <= columns * rows) return performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, 8));
    }
  }

  /** Keep an area of the canvas as it is now. @param {string} name @param {number[]} area */
  function keep(name, [x, y, width, height]) {
    const copy = new OffscreenCanvas(width, height);
    copy.getContext("2d", { willReadFrequently: true })?.drawImage(/** @type {HTMLCanvasElement} */ (canvas()), x, y, width, height, 0, 0, width, height);
    felt.kept.set(name, copy);
    return performance.now();
  }

  /** What was kept, as a PNG in base64. @param {string} name */
  async function kept_png(name) {
    const blob = await /** @type {OffscreenCanvas} */ (felt.kept.get(name)).convertToBlob();
    let text = "";
    for (const byte of new Uint8Array(await blob.arrayBuffer())) text += String.fromCharCode(byte);
    return btoa(text);
  }

  Object.assign(window, { felt });
})();
