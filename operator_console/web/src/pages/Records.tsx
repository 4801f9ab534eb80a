/** The records behind the bills, by the second segment of the address. Each role sees what it may. */
import { me } from "../api/account.ts";
import type { Route } from "../app/router.ts";
import { useStore } from "../app/store.ts";
import { t } from "../i18n/index.ts";
import { AppointmentsPage } from "./records/Appointments.tsx";
import { CustomerPage } from "./records/Customer.tsx";
import { CustomersPage } from "./records/Customers.tsx";
import { InvoicePage } from "./records/Invoice.tsx";
import { InvoicesPage } from "./records/Invoices.tsx";
import { LettersPage } from "./records/Letters.tsx";
import { OpinionsPage } from "./records/Opinions.tsx";
import { OrderPage } from "./records/Order.tsx";
import { OrdersPage } from "./records/Orders.tsx";
import { PolicyPage } from "./records/Policy.tsx";
import { QueuePage } from "./records/Queue.tsx";
import { rightsOf } from "./records/rights.ts";
import { TicketPage } from "./records/Ticket.tsx";
import { TicketsPage } from "./records/Tickets.tsx";
import { WorkPage } from "./records/Work.tsx";
import "./records/records.css";

export function RecordsPage({ route }: { route: Route }) {
  const who = useStore(me);
  const may = rightsOf(who?.role);
  const [, part, id] = route.segments;
  const parts = [
    { key: "queue", title: t("Queue"), view: <QueuePage may={may} /> },
    { key: "tickets", title: t("Tickets"), view: id === undefined ? <TicketsPage route={route} may={may} /> : <TicketPage id={id} may={may} key={id} /> },
    { key: "appointments", title: t("Appointments"), view: <AppointmentsPage route={route} may={may} /> },
    { key: "orders", title: t("Orders"), view: id === undefined ? <OrdersPage route={route} may={may} /> : <OrderPage id={id} may={may} key={id} /> },
    { key: "customers", title: t("Customers"), view: id === undefined ? <CustomersPage route={route} may={may} /> : <CustomerPage id={id} may={may} key={id} /> },
    { key: "work", title: may.readBills ? t("Work") : t("My work"), view: <WorkPage route={route} may={may} /> },
    ...(may.readBills ? [{ key: "invoices", title: t("Invoices"), view: id === undefined ? <InvoicesPage route={route} may={may} /> : <InvoicePage id={id} may={may} key={id} /> }] : []),
    ...(may.writeBills ? [{ key: "letters", title: t("Letters"), view: <LettersPage route={route} may={may} /> }] : []),
    ...(may.readBills ? [{ key: "opinions", title: t("Opinions"), view: <OpinionsPage route={route} /> }] : []),
    { key: "policy", title: t("Policy"), view: <PolicyPage may={may} /> },
  ];
  const chosen = parts.find((one) => one.key === part) ?? parts[0];
  return (
    <>
      <nav class="tabs" aria-label={t("Records")}>
        <ul>
          {parts.map((one) => (
            <li key={one.key}>
              <a href={`#/records/${one.key}`} {...(one === chosen ? { "aria-current": "page" as const } : {})}>{one.title}</a>
            </li>
          ))}
        </ul>
      </nav>
      {chosen?.view}
    </>
  );
}
