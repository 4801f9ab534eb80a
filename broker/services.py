"""Everything that an endpoint may ask for, built once in `broker.app` and hung on the application.

Endpoints take it as `Annotated[Services, needs_services]`; it imports the features' services, never the
other way round.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import Depends
from starlette.requests import HTTPConnection

from broker.alerts.service import AlertService
from broker.appointments.service import AppointmentService
from broker.bills.service import BillService
from broker.clock import Clock
from broker.contracts.service import ContractService
from broker.customers.service import CustomerService
from broker.dashboard.service import DashboardService
from broker.invoices.billable import BillableService
from broker.invoices.purchases import PurchaseService
from broker.invoices.service import InvoiceService
from broker.invoices.statement import StatementService
from broker.keys import Keys
from broker.log.service import LogService
from broker.mail.service import MailService
from broker.metrics import Metrics
from broker.operators.passwords import Passwords
from broker.operators.revocations import Revocations
from broker.operators.service import OperatorService
from broker.operators.sign_in import SignInService
from broker.operators.throttle import Throttle
from broker.opinions.service import OpinionService
from broker.orders.checklist import ChecklistService
from broker.orders.payments import OrderPayments
from broker.orders.service import OrderService
from broker.organisations.service import OrganisationService
from broker.pages.downloads import Downloads
from broker.policies.service import PolicyService
from broker.queue.hub import QueueHub
from broker.queue.service import QueueService
from broker.sessions.archive import SessionArchive
from broker.sessions.service import SessionService
from broker.settings import Settings
from broker.store.engine import Store
from broker.suspicions.service import SuspicionService
from broker.tickets.service import TicketService
from broker.work.service import WorkService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """One broker's parts."""

    settings: Settings
    clock: Clock
    keys: Keys
    store: Store
    throttle: Throttle
    revocations: Revocations
    metrics: Metrics
    passwords: Passwords
    downloads: Downloads
    organisations: OrganisationService
    operators: OperatorService
    sign_ins: SignInService
    sessions: SessionService
    archive: SessionArchive
    suspicions: SuspicionService
    alerts: AlertService
    log: LogService
    policies: PolicyService
    customers: CustomerService
    orders: OrderService
    order_payments: OrderPayments
    contracts: ContractService
    work: WorkService
    dashboard: DashboardService
    checklists: ChecklistService
    invoices: InvoiceService
    purchases: PurchaseService
    billable: BillableService
    statements: StatementService
    tickets: TicketService
    appointments: AppointmentService
    queue: QueueService
    queue_hub: QueueHub
    mail: MailService
    opinions: OpinionService
    bills: BillService


def of(connection: HTTPConnection) -> Services:
    """The services of the application that serves this connection."""
    found = connection.app.state.services
    assert isinstance(found, Services)
    return found


needs_services: Any = Depends(of)
