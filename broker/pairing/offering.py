"""What is offered to both ends, and what the log keeps of it (steps 8 and 9).  Pure.

Counterparts: `protocol.offer`, which both ends bind into their key; `broker.work.quote`, which says the price.
"""

from broker.agents.presence import AgentRun
from broker.bandwidth import Figures
from broker.organisations.service import Organisation
from broker.pairing.consoles import Console
from broker.pairing.run import Pairing
from broker.pairing.whom import Whom
from broker.sessions.model import Bandwidth, Customer, RequestedSession
from broker.work.quote import Quote
from protocol import control
from protocol.offer import Offer


def offer_of(
    console: Console, agent: AgentRun, organisation: Organisation, message: control.PairRequest, said: Quote | None
) -> Offer:
    """The terms are those that this customer accepted; an administrator may have written newer ones since."""
    who = console.principal
    return Offer(
        operator_id=who.operator_id, operator_name=who.name, org_id=organisation.id, org_name=organisation.name,
        service=message.service, tariff=said.tariff if said else organisation.tariff,
        price_note=organisation.price_note,
        terms_version=agent.hello.terms_version, terms_sha256=agent.hello.terms_sha256,
        wanted=tuple(sorted(set(message.wanted))), inactivity_s=organisation.inactivity_s,
        charging=said.charging if said else None,
    )  # fmt: skip


def requested(pairing: Pairing, whom: Whom) -> RequestedSession:
    """What goes into the log before either end hears of the offer (step 8)."""
    agent, who = pairing.agent, pairing.console.principal
    figures = agent.figures or Figures(0, 0, 0)  # lost with the line, since it was looked at
    return RequestedSession(
        session_id=pairing.session_id, org_id=who.org_id, agent_id=pairing.code.id, pk_agent=agent.pk,
        code_id=pairing.code.code_id, operator_id=who.operator_id, operator_name=who.name,
        service=pairing.offer.service if pairing.offer else "", offer=pairing.offer_bytes,
        customer=Customer(agent.hello.computer, agent.hello.user, agent.address),
        bandwidth=Bandwidth(figures.down_kbit, figures.up_kbit, figures.rtt_ms), customer_id=whom.customer_id,
        order_id=whom.order_id, ticket_id=whom.ticket_id, urgent=whom.urgent,
        # Who agrees to the offer accepts its price beforehand (I7).
        accepted=True,
    )  # fmt: skip
