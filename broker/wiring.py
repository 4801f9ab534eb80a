"""The broker's parts without its application: what the command line needs for an account, and imports quickly.

Counterpart: `broker.app`, which puts routes and sockets around them.
"""

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
from broker.log.key import LogKey
from broker.log.service import LogService
from broker.log.writer import EventLog
from broker.mail.receipts import Receipts
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
from broker.services import Services
from broker.sessions.archive import SessionArchive
from broker.sessions.service import SessionService
from broker.settings import Settings
from broker.store.engine import Store
from broker.suspicions.service import SuspicionService
from broker.tickets.service import TicketService
from broker.work.service import WorkService


def build_services(settings: Settings, clock: Clock) -> Services:
    """The parts, wired; nothing runs yet and the database is not touched."""
    store, keys = Store(settings.store_url), Keys.open(settings.data_dir)
    throttle, revocations, metrics = Throttle(), Revocations(), Metrics()
    passwords = Passwords(settings.password_threads, settings.password_memory_kib)
    log_key, events = LogKey.of(keys), EventLog(store, clock)
    organisation_service = OrganisationService(store, clock)
    session_service = SessionService(store, clock, log_key, events)
    mail = MailService(store, clock, keys, settings)
    hub, work = QueueHub(), WorkService(store, events, Receipts(mail, settings.public_origin))
    return Services(
        settings=settings, clock=clock, keys=keys, store=store, throttle=throttle, revocations=revocations,
        metrics=metrics, passwords=passwords, downloads=Downloads(settings.data_dir),
        organisations=organisation_service,
        operators=OperatorService(store, clock, settings, passwords, revocations, organisation_service),
        sign_ins=SignInService(store, clock, keys, passwords, throttle, revocations, session_service.alert),
        sessions=session_service,
        archive=SessionArchive(store, events),
        suspicions=SuspicionService(store, events),
        alerts=AlertService(store),
        log=LogService(store, clock, log_key),
        checklists=ChecklistService(store, events),
        policies=PolicyService(store, events),
        customers=CustomerService(store, clock, events),
        orders=OrderService(store, clock, events),
        order_payments=OrderPayments(store, clock, events, keys),
        contracts=ContractService(store, events, clock, hub.changed),
        work=work,
        dashboard=DashboardService(store, clock),
        invoices=InvoiceService(store, events),
        purchases=PurchaseService(store, events, clock),
        billable=BillableService(store, clock),
        statements=StatementService(store, clock),
        tickets=TicketService(store, clock, hub.changed),
        appointments=AppointmentService(store, events, clock, work, hub.changed),
        queue=QueueService(store, clock, hub),
        queue_hub=hub,
        mail=mail,
        opinions=OpinionService(store, clock),
        bills=BillService(store, work),
    )  # fmt: skip
