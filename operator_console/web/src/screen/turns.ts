/**
 * Steps that begin as early as they may and end in the order in which they came: decoding overlaps, drawing does not.
 * Pure. What is ready at once ends at once, before `run` returns; nothing waits for a clock.
 */

export interface Step {
  /** What it holds in memory from its beginning until it is freed, in pixels. */
  readonly pixels: number;
  /** Nothing after it begins before it has ended. */
  readonly alone: boolean;
  /** Make ready; a promise where that takes time. */
  begin(): Promise<void> | undefined;
  /** In its turn, once it is ready. */
  end(): void;
}

interface Turn {
  readonly step: Step;
  ready: boolean;
}

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
    if (!this.#over) this.#waiting.push({ step, ready: false });
  }

  /** Begin and end what can be; call it when steps were added. */
  run(): void {
    try {
      while (this.#beginNext() || this.#endFirst());
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
    if (!turn) return false;
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
    if (turn === this.#waiting[0]) this.run();
  }

  #endFirst(): boolean {
    const turn = this.#waiting[0];
    if (!turn?.ready) return false;
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
