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

interface CryptoKey {
  readonly extractable: boolean;
}

interface AesGcmParams {
  name: "AES-GCM";
  iv: Uint8Array<ArrayBuffer>;
  additionalData: Uint8Array<ArrayBuffer>;
  tagLength: number;
}

interface HkdfParams {
  name: "HKDF";
  hash: "SHA-512";
  salt: Uint8Array<ArrayBuffer>;
  info: Uint8Array<ArrayBuffer>;
}

declare const crypto: {
  readonly subtle: {
    importKey(
      format: "raw",
      key: Uint8Array<ArrayBuffer>,
      algorithm: "AES-GCM" | "HKDF",
      extractable: false,
      usages: ("encrypt" | "decrypt" | "deriveBits")[],
    ): Promise<CryptoKey>;
    encrypt(parameters: AesGcmParams, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
    decrypt(parameters: AesGcmParams, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
    deriveBits(parameters: HkdfParams, key: CryptoKey, bits: number): Promise<ArrayBuffer>;
  };
};
