/**
 * What the pure folder uses of the runtime beyond ECMAScript: the same names exist in browsers and in Node. Only the
 * check of the pure folder reads this file; everything else has the real declarations.
 */
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(bytes?: Uint8Array): string;
}
