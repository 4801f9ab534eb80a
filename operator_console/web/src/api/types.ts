/** What the broker's HTTP API says, by name. Times are RFC 3339 in UTC, durations whole seconds. */
import type { Tariff } from "../protocol/gen/messages.ts";

export type { Tariff };

export type Role = "operator" | "admin" | "auditor";

export interface Me {
  readonly operator_id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly org_id: string;
  readonly org_name: string;
  readonly totp_enabled: boolean;
  readonly lang: "en" | "es" | null;
}

export interface OperatorRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly totp_enabled: boolean;
  readonly last_seen_utc: string | null;
  readonly state: "active" | "invited" | "disabled";
}

export interface Organisation {
  readonly id: string;
  readonly name: string;
  readonly services: readonly string[];
  readonly tariff: Tariff | null;
  readonly price_note: string;
  readonly bandwidth_floor_kbit: number;
  readonly inactivity_s: number;
  readonly terms_version: number;
  readonly has_logo: boolean;
  /** What the policy in force decides, by name. */
  readonly fixed_by_policy: readonly string[];
}

export interface TermsRow {
  readonly version: number;
  readonly created_utc: string;
  readonly by: string;
  readonly sha256: string;
}

export interface Terms {
  readonly version: number;
  readonly es: string;
  readonly en: string;
  readonly sha256: string;
}

export interface Customer {
  readonly computer: string | null;
  readonly user: string | null;
  readonly address: string | null;
}

export interface SessionRow {
  readonly id: string;
  readonly started_utc: string;
  readonly ended_utc: string | null;
  readonly state: string;
  readonly operator_id: string;
  readonly operator_name: string | null;
  readonly customer: Customer;
  readonly service: string;
  readonly end_reason: string | null;
  readonly connected_s: number;
  readonly paused_s: number;
  readonly agent_id: string;
}

export interface SessionEvent {
  readonly seq: number;
  readonly kind: string;
  readonly utc: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly head: string;
}

export interface SessionDetail extends SessionRow {
  readonly granted: readonly string[];
  readonly bandwidth: { readonly down_kbit: number; readonly up_kbit: number; readonly rtt_ms: number } | null;
  readonly bytes_up: number;
  readonly bytes_down: number;
  readonly events: readonly SessionEvent[];
}

export interface Suspicion {
  readonly id: string;
  readonly utc: string;
  readonly text: string;
  readonly contact: string | null;
  readonly session_id: string | null;
  readonly source: string;
  readonly state: string;
  readonly note: string | null;
}

export interface Alert {
  readonly id: string;
  readonly utc: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}
