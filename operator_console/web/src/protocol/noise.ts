/**
 * Noise_NNpsk0_25519_AESGCM_SHA256 (Noise specification, revision 34), both roles.
 * Counterpart: protocol/noise.py; both pass the published vectors. AES-GCM is the runtime's WebCrypto, so sealing and
 * opening are asynchronous; a counter is taken when a call begins, so calls may overlap and stay in order.
 */
import { x25519 } from "@noble/curves/ed25519.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as hash } from "@noble/hashes/sha2.js";

import { BadTransition, IntegrityError } from "./errors.ts";
import { type Bytes, concat, encodeText, wipe } from "./text.ts";

const NAME = encodeText("Noise_NNpsk0_25519_AESGCM_SHA256");
const KEY = 32;
export const TAG = 16;
const NOTHING = new Uint8Array(0);

/** One direction after the handshake: a key and the next counter. A counter is used once. */
export class Cipher {
  readonly #key: CryptoKey;
  #counter = 0;

  private constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** `key`: 32 bytes, wiped here; what is kept cannot be read out of the runtime. */
  static async create(key: Uint8Array): Promise<Cipher> {
    const imported = await crypto.subtle.importKey("raw", key as Bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
    wipe(key);
    return new Cipher(imported);
  }

  get counter(): number {
    return this.#counter;
  }

  async seal(plaintext: Uint8Array, ad: Uint8Array = NOTHING): Promise<Bytes> {
    return new Uint8Array(await crypto.subtle.encrypt(this.#next(ad), this.#key, plaintext as Bytes));
  }

  /** Throws `IntegrityError` unless `sealed` is exactly what the other end sealed with this counter. */
  async open(sealed: Uint8Array, ad: Uint8Array = NOTHING): Promise<Bytes> {
    const parameters = this.#next(ad);
    try {
      return new Uint8Array(await crypto.subtle.decrypt(parameters, this.#key, sealed as Bytes));
    } catch {
      throw new IntegrityError("A record does not open: it was changed, repeated, lost or made with another key");
    }
  }

  #next(ad: Uint8Array): AesGcmParams {
    const iv = new Uint8Array(12);
    const counter = this.#counter++;
    if (!Number.isSafeInteger(this.#counter)) throw new IntegrityError("All counters of this key are used");
    new DataView(iv.buffer).setBigUint64(4, BigInt(counter));
    return { name: "AES-GCM", iv, additionalData: ad as Bytes, tagLength: TAG * 8 };
  }
}

/** `psk` and `ephemeral` are 32 bytes each and are wiped by the handshake. */
export interface HandshakeInputs {
  readonly psk: Uint8Array;
  readonly prologue: Uint8Array;
  /** The secret key of this handshake alone: fresh random bytes. */
  readonly ephemeral: Uint8Array;
}

export interface Transport {
  readonly send: Cipher;
  readonly receive: Cipher;
  readonly handshakeHash: Bytes;
}

/** SymmetricState of the specification. */
class Symmetric {
  chainingKey: Bytes = NAME;
  hash: Bytes = NAME;
  #cipher: Cipher | undefined;

  constructor(prologue: Uint8Array) {
    this.mixHash(prologue);
  }

  mixHash(data: Uint8Array): void {
    this.hash = hash(concat(this.hash, data)) as Bytes;
  }

  async mixKey(input: Uint8Array): Promise<void> {
    const [chainingKey, key] = this.#derive(input);
    this.chainingKey = chainingKey!;
    this.#cipher = await Cipher.create(key!);
  }

  async mixKeyAndHash(input: Uint8Array): Promise<void> {
    const [chainingKey, mixed, key] = this.#derive(input);
    this.chainingKey = chainingKey!;
    this.mixHash(mixed!);
    this.#cipher = await Cipher.create(key!);
  }

  async sealAndHash(plaintext: Uint8Array): Promise<Bytes> {
    const sealed = await this.#ready().seal(plaintext, this.hash);
    this.mixHash(sealed);
    return sealed;
  }

  async openAndHash(sealed: Uint8Array): Promise<Bytes> {
    const plaintext = await this.#ready().open(sealed, this.hash);
    this.mixHash(sealed);
    return plaintext;
  }

  async split(): Promise<[Cipher, Cipher]> {
    const [first, second] = this.#derive(NOTHING);
    wipe(this.chainingKey);
    return [await Cipher.create(first!), await Cipher.create(second!)];
  }

  /** HKDF of the specification, section 4.3: three outputs, of which a caller takes two or three. */
  #derive(input: Uint8Array): Bytes[] {
    const secret = hmac(hash, this.chainingKey, input);
    const outputs: Bytes[] = [];
    for (let n = 1; n <= 3; n++) {
      outputs.push(hmac(hash, secret, concat(outputs.at(-1) ?? NOTHING, Uint8Array.of(n))) as Bytes);
    }
    wipe(secret);
    return outputs;
  }

  #ready(): Cipher {
    if (!this.#cipher) throw new BadTransition("The handshake", "without a key", "a payload");
    return this.#cipher;
  }
}

abstract class Handshake {
  protected readonly symmetric: Symmetric;
  protected readonly inputs: HandshakeInputs;
  readonly #publicKey: Bytes;

  constructor(inputs: HandshakeInputs) {
    this.symmetric = new Symmetric(inputs.prologue);
    this.inputs = inputs;
    this.#publicKey = x25519.getPublicKey(inputs.ephemeral) as Bytes;
  }

  /** Tokens `psk, e` or `e` as sent. */
  protected async sendEphemeral(): Promise<Bytes> {
    this.symmetric.mixHash(this.#publicKey);
    await this.symmetric.mixKey(this.#publicKey);
    return this.#publicKey;
  }

  /** The other's `e` and the rest of its message. */
  protected async receiveEphemeral(message: Uint8Array): Promise<{ theirs: Uint8Array; rest: Uint8Array }> {
    if (message.length < KEY + TAG) throw new IntegrityError("A handshake message is too short");
    const theirs = message.subarray(0, KEY);
    this.symmetric.mixHash(theirs);
    await this.symmetric.mixKey(theirs);
    return { theirs, rest: message.subarray(KEY) };
  }

  /** Token `ee`. */
  protected async mixShared(theirs: Uint8Array): Promise<void> {
    let shared: Uint8Array;
    try {
      shared = x25519.getSharedSecret(this.inputs.ephemeral, theirs);
    } catch {
      throw new IntegrityError("The other end's key is of low order");
    }
    await this.symmetric.mixKey(shared);
    wipe(shared, this.inputs.ephemeral);
  }

  protected async mixPsk(): Promise<void> {
    await this.symmetric.mixKeyAndHash(this.inputs.psk);
    wipe(this.inputs.psk);
  }
}

/** The console's role: `write` the first message, `read` the answer. */
export class Initiator extends Handshake {
  async write(payload: Uint8Array = NOTHING): Promise<Bytes> {
    await this.mixPsk();
    const ephemeral = await this.sendEphemeral();
    return concat(ephemeral, await this.symmetric.sealAndHash(payload));
  }

  async read(message: Uint8Array): Promise<{ payload: Bytes; transport: Transport }> {
    const { theirs, rest } = await this.receiveEphemeral(message);
    await this.mixShared(theirs);
    const payload = await this.symmetric.openAndHash(rest);
    const handshakeHash = this.symmetric.hash;
    const [send, receive] = await this.symmetric.split();
    return { payload, transport: { send, receive, handshakeHash } };
  }
}

/** The agent's role, here for tests against the other implementation: `read` the first message, `write` the answer. */
export class Responder extends Handshake {
  #theirs: Uint8Array | undefined;

  async read(message: Uint8Array): Promise<Bytes> {
    await this.mixPsk();
    const { theirs, rest } = await this.receiveEphemeral(message);
    this.#theirs = theirs;
    return this.symmetric.openAndHash(rest);
  }

  async write(payload: Uint8Array = NOTHING): Promise<{ message: Bytes; transport: Transport }> {
    if (!this.#theirs) throw new BadTransition("The handshake", "without the first message", "the answer");
    const ephemeral = await this.sendEphemeral();
    await this.mixShared(this.#theirs);
    const sealed = await this.symmetric.sealAndHash(payload);
    const handshakeHash = this.symmetric.hash;
    const [receive, send] = await this.symmetric.split();
    return { message: concat(ephemeral, sealed), transport: { send, receive, handshakeHash } };
  }
}
