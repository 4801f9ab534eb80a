/** Where pictures are read: in a worker, or on the page where the browser has none or its script does not come. */
import { readsBeside } from "./abilities.ts";
import { Reader } from "./reader.ts";
import { type FromReader, memoryOf, type ToReader } from "./talk.ts";
import workerAddress from "./worker.ts?worker&url";

export interface ReaderPlace {
  take(word: ToReader): void;
  /** Nothing is told after this. */
  stop(): void;
}

export function reader(tell: (word: FromReader) => void): ReaderPlace {
  return readsBeside() ? new Beside(tell) : new Reader(tell);
}

class Beside implements ReaderPlace {
  readonly #tell: (word: FromReader) => void;
  readonly #worker: Worker;
  /** What came before the worker was ready: it is not given away to one that never starts. */
  #early: ToReader[] | undefined = [];
  #here: Reader | undefined;

  constructor(tell: (word: FromReader) => void) {
    this.#tell = tell;
    this.#worker = new Worker(trusted(workerAddress), { type: "module", name: "reader" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromReader>) => (data.t === "ready" ? this.#begin() : tell(data));
    this.#worker.onerror = ({ message }) => this.#failed(message);
  }

  take(word: ToReader): void {
    if (this.#here) this.#here.take(word);
    else if (this.#early) this.#early.push(word);
    else this.#worker.postMessage(word, memoryOf(word));
  }

  stop(): void {
    this.#worker.terminate();
    this.#here?.stop();
  }

  #begin(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const word of early) this.take(word);
  }

  #failed(message: string): void {
    if (!this.#early) return this.#tell({ t: "refused", what: "fault", reason: message || "What reads pictures has failed" });
    this.#worker.terminate();
    this.#here = new Reader(this.#tell);
    this.#begin();
  }
}

/** Our own script, where the browser wants that said (Trusted Types). */
function trusted(address: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return address;
  policy ??= types.createPolicy("relevo", {
    createScriptURL: (asked) => {
      if (asked !== workerAddress) throw new TypeError("It is no script of this page");
      return asked;
    },
  });
  return policy.createScriptURL(address) as unknown as string;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(asked: string): string }): { createScriptURL(asked: string): object };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;
