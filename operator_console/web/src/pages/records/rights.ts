/** What a role may do with the records: the broker's own table (broker/permissions.py), so that no page offers what would be refused. */
import type { Role } from "../../api/types.ts";

export interface Rights {
  /** Tickets, customers and one's own work. */
  readonly write: boolean;
  /** Invoices, and everybody's work. */
  readonly readBills: boolean;
  /** Policies, contracts, invoices, payments; a customer's status and personal data. */
  readonly writeBills: boolean;
}

export function rightsOf(role: Role | undefined): Rights {
  return {
    write: role === "operator" || role === "admin",
    readBills: role === "admin" || role === "auditor",
    writeBills: role === "admin",
  };
}
