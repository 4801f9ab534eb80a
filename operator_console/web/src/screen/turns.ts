/**
 * Steps that begin as early as they may and end in the order in which they came. Decoding overlaps; drawing keeps the order
 * wherever two steps touch the same place: a typed letter is not kept back by a film beside it. Pure. What is ready at
 * once is drawn at once, before `run` returns; nothing waits for a clock.
 */
import type { Area } from "../protocol/gen/messages.ts";

export interface Step {
  /** What it holds in memory from its beginning until it is freed, in pixels. */
  readonly pixels: number;
  /** Nothing after it begins before it has ended. */
  readonly alone: boolean;
  /** What it draws on and what it copies. */
  readonly areas: readonly Area[];
  /** Make ready; a promise where that takes time. */
  begin(): Promise<void> | undefined;
  /** Once it is ready, and all before it that touch the same place are drawn. */
  draw(): void;
  /** In its turn, once it is drawn. */
  end(): void;
}

interface Turn {
  readonly step: Step;
  ready: boolean;
  drawn: boolean;
}

/** Steps that have begun and not ended, at most: a few pictures' worth. */
const AHEAD = 64;

export interface TurnsHooks {
  /** What could end has ended: some steps, or none. */
  swept(): void;
  /** A step threw or rejected; nothing happens after this. */
  failed(error: unknown): void;
}

export class Turns {
  readonly #most: number;
  readonly #hooks: TurnsHooks;
  #waiting: Turn[] = [];
  /** How many of them have begun: always the first ones. */
  #begun = 0;
  #pixels = 0;
  #over = false;

  /** At most `most` pixels are held at a time, but for a single step that is larger. */
  constructor(most: number, hooks: TurnsHooks) {
    this.#most = most;
    this.#hooks = hooks;
  }

  /** What ended steps held is free. */
  free(pixels: number): void {
    this.#pixels -= pixels;
    this.run();
  }

  add(step: Step): void {
    if (!this.#over) this.#waiting.push({ step, ready: false, drawn: false });
  }

  /** Begin and end what can be; call it when steps were added. */
  run(): void {
    try {
      while (this.#beginNext() || this.#drawReady() || this.#endFirst());
    } catch (error) {
      return this.#fail(error);
    }
    if (!this.#over) this.#hooks.swept();
  }

  /** What waits is dropped. */
  stop(): void {
    this.#over = true;
    this.#waiting = [];
  }

  #beginNext(): boolean {
    const turn = this.#waiting[this.#begun];
    if (!turn || this.#begun === AHEAD) return false;
    const before = this.#waiting[this.#begun - 1];
    if (before && (before.step.alone || turn.step.alone)) return false;
    if (this.#pixels > 0 && this.#pixels + turn.step.pixels > this.#most) return false;
    this.#begun++;
    this.#pixels += turn.step.pixels;
    const made = turn.step.begin();
    if (made) {
      made.then(() => this.#isReady(turn), (error: unknown) => this.#fail(error));
    } else {
      turn.ready = true;
    }
    return true;
  }

  #isReady(turn: Turn): void {
    turn.ready = true;
    this.run();
  }

  /** Draws the first that may be. */
  #drawReady(): boolean {
    const before: Area[] = [];
    for (const turn of this.#waiting.slice(0, this.#begun)) {
      if (turn.drawn) continue;
      const { areas } = turn.step;
      if (turn.ready && !areas.some((area) => before.some((other) => touch(area, other)))) {
        turn.drawn = true;
        turn.step.draw();
        return true;
      }
      before.push(...areas);
    }
    return false;
  }

  #endFirst(): boolean {
    const turn = this.#waiting[0];
    if (!turn?.drawn) return false;
    this.#waiting.shift();
    this.#begun--;
    turn.step.end();
    return true;
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.stop();
    this.#hooks.failed(error);
  }
}

function touch([x, y, w, h]: Area, [left, top, width, height]: Area): boolean {
  return x < left + width && left < x + w && y < top + height && top < y + h;
}
