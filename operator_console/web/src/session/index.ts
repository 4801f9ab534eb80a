/**
 * What pages may use of the live session. `connect` starts the one session of this tab and shows it at `#/session`;
 * pages hand over what the technician typed and nothing else: the password is split here and its agent part never
 * leaves the browser.
 */
export type Permission = "view" | "control";

export interface ConnectRequest {
  /** As typed: nine digits, spaces and hyphens allowed. */
  readonly id: string;
  /** As typed: eight symbols, any case, spaces and hyphens allowed. */
  readonly password: string;
  /** Identifier of a service of the organisation's portfolio (Q13). */
  readonly service: string;
  readonly wanted: readonly Permission[];
}

/** Start. Throws `CodeError`, a sentence to show, if ID or password cannot be right; nothing was sent then. */
export function connect(_request: ConnectRequest): void {
  throw new Error("not built yet");
}
