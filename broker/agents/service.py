"""The agents' side of the broker: who is let in, who gets which ID and code, who has gone (steps 2–5).

Counterpart: `broker.agents.connection`, one per connection, which performs.  Every rule here fails closed: without a
signature that holds, the organisation's present terms and a measured line there are no credentials.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from broker.agents.codes import CodeBook
from broker.agents.identities import Identities
from broker.agents.presence import AgentLine, AgentRun, Presence
from broker.bills.service import BillService
from broker.budgets import Budget
from broker.errors import NotFound
from broker.lines import REPLACED
from broker.opinions.service import OpinionService
from broker.organisations.service import Organisation, OrganisationService
from broker.pairing.service import PairingService
from broker.sessions.live import LiveSessions
from broker.timing import Timer
from protocol import control, limits, receipt
from protocol.code import SERVER_SYMBOLS, Randbelow, random_symbols
from protocol.errors import ProtocolError, SignatureRefused
from protocol.text import unb64url

log = structlog.get_logger(__name__)

PROBES_AT_ONCE: Final = 8
PROBES_OF_AN_ADDRESS: Final = 300
"""…in ten minutes (rule 9): each costs up to 2 MB."""
CODES_OF_A_RUN: Final = 120
"""…in ten minutes."""
REPORTS_OF_AN_ADDRESS: Final = 10
"""…in ten minutes: whoever runs the program may write into the log by this, without an account."""
AFTERWARDS_OF_AN_ADDRESS: Final = 60
"""Bills and opinions in ten minutes."""
RUNS_OF_AN_ADDRESS: Final = 500
"""Agents that are connected from one address."""
WINDOW: Final = 600.0
IDS_KEPT: Final = 3
"""IDs of a run whose codes are remembered: the present one and those before it."""


class Denied(ProtocolError):
    """This agent is not let in.  `reason` is what it is told; `update_url`: where a newer program is."""

    close_code = 4403

    def __init__(self, reason: control.RegistrationDenial, close_code: int = 4403, update_url: str = "") -> None:
        super().__init__(f"The agent was not let in: {reason}")
        self.reason: control.RegistrationDenial = reason
        self.update_url = update_url
        self.close_code = close_code


class AgentService:
    """Every agent of this process."""

    def __init__(
        self, *, presence: Presence, codes: CodeBook, identities: Identities, organisations: OrganisationService,
        pairing: PairingService, live: LiveSessions, timer: Timer, randbelow: Randbelow, public_origin: str,
        oldest_major: Callable[[str], Awaitable[int]], bills: BillService, opinions: OpinionService,
    ) -> None:  # fmt: skip
        self.presence, self.pairing, self.live, self.timer = presence, pairing, live, timer
        self._codes, self._identities, self._organisations = codes, identities, organisations
        self._randbelow, self._public_origin, self._oldest_major = randbelow, public_origin, oldest_major
        self._bills, self._opinions = bills, opinions
        self.probing = asyncio.Semaphore(PROBES_AT_ONCE)
        self._probes = Budget(PROBES_OF_AN_ADDRESS, WINDOW)
        self._issued = Budget(CODES_OF_A_RUN, WINDOW)
        self._reports = Budget(REPORTS_OF_AN_ADDRESS, WINDOW)
        self._afterwards = Budget(AFTERWARDS_OF_AN_ADDRESS, WINDOW)

    async def admit(self, hello: control.Hello, nonce_b: str, line: AgentLine) -> AgentRun:
        """Step 2.  Raises `Denied`."""
        newer = f"{self._public_origin}/download/{hello.org_id}"
        if hello.version != limits.VERSION:
            raise Denied("version", 4426, newer)
        try:
            receipt.check(hello, unb64url(hello.pk_agent), self._public_origin, nonce_b)
        except SignatureRefused:
            raise Denied("signature", 4401) from None
        try:
            organisation = await self._organisations.get(hello.org_id)
        except NotFound:
            raise Denied("organisation") from None
        if not self.live.has(hello.pk_agent):  # a session goes on under what its customer agreed to (step 25)
            if (hello.terms_version, hello.terms_sha256) != (organisation.terms_version, organisation.terms_sha256):
                raise Denied("terms")
            if _major(hello.program) < await self._oldest_major(organisation.id):  # R8
                raise Denied("version", 4426, newer)
        run = self.presence.run(hello.pk_agent) or await self._new(hello, organisation, line.address)
        if run.org.id != organisation.id:
            raise Denied("organisation")
        if run.line is not None:
            run.line.close(REPLACED, "a newer connection of the same run")
            await self.pairing.agent_lost(run)  # the program gives up a run with the line that carried it
        run.hello, run.org, run.address = hello, organisation, line.address
        run.line, run.absent_since, run.keeps_id = line, None, run.id is not None
        run.figures = None  # the old line's
        self.live.agent_back(run)
        return run

    async def left(self, run: AgentRun, line: AgentLine) -> None:
        """A connection is gone; if it was the run's present one, the run is absent until it comes back."""
        if run.line is not line:
            return
        run.line, run.absent_since = None, self.timer.now()
        self.live.agent_lost(run)
        await self.pairing.agent_lost(run)

    async def forget_absent(self) -> None:
        """Runs that have been away too long and have no session are over: so are their IDs and codes."""
        long_ago = self.timer.now() - limits.RESUME
        for run in self.presence:
            if run.absent_since is not None and run.absent_since <= long_ago and run.session_id is None:
                for id in run.ids:
                    await self._codes.forget(id)
                self.presence.remove(run)

    def may_probe(self, run: AgentRun) -> bool:
        """Whether its address may be measured once more; takes that from its budget."""
        return self._probes.spend(run.address, self.timer.now())

    def may_report(self, run: AgentRun) -> bool:
        """Whether its address may report one more suspicion; takes that from its budget."""
        return self._reports.spend(run.address, self.timer.now())

    async def afterwards(
        self, run: AgentRun, message: control.BillRequest | control.Opinion
    ) -> control.Bill | control.OpinionAck | control.Failure:
        """Steps 31–34: about a session that this run had.  Raises `UnknownSession` for another's."""
        if not self._afterwards.spend(run.address, self.timer.now()):
            return control.Failure(reason="too_many", session_id=message.session_id)
        if isinstance(message, control.Opinion):
            return await self._opinions.give_by_program(run.org.id, run.pk, message)
        return await self._bills.of(run.org.id, run.pk, message)

    async def issue(self, run: AgentRun, request: control.CodeRequest) -> control.CodeIssued | control.Failure:
        """Steps 4 and 5: a new code, with a new ID but for a run that has just come back with its own."""
        now = self.timer.now()
        if run.pairing is not None or run.session_id is not None:
            return control.Failure(reason="in_session")
        if not self._issued.spend(run.pk, now):
            return control.Failure(reason="too_many")
        id = run.id if run.keeps_id and run.id is not None else await self._identities.reserve(run.pk)
        run.keeps_id = False
        for earlier in run.ids:
            await self._codes.replace(earlier, now)
        self.presence.name(run, id)
        while len(run.ids) > IDS_KEPT:
            oldest = run.ids[0]
            await self._codes.forget(oldest)
            self.presence.unname(run, oldest)
        server_part = random_symbols(SERVER_SYMBOLS, self._randbelow)
        await self._codes.issue(id, request.code_id, run.org.id, request.nonce_agent, server_part, now)
        return control.CodeIssued(
            id=id, code_id=request.code_id, server_part=server_part, shown_s=int(limits.CODE_SHOWN)
        )

    async def _new(self, hello: control.Hello, organisation: Organisation, address: str) -> AgentRun:
        """A run that is not known, or no more; it shows its ID again if that is still its own."""
        if sum(run.line is not None and run.address == address for run in self.presence) >= RUNS_OF_AN_ADDRESS:
            raise Denied("too_many", 4429)
        run = AgentRun(pk=hello.pk_agent, org=organisation, hello=hello, address=address)
        unclaimed = hello.id is not None and self.presence.holder(hello.id) is None
        if hello.id is not None and unclaimed and await self._identities.owned(hello.id, hello.pk_agent):
            run.id = hello.id
        self.presence.add(run)
        return run


def _major(program: str) -> int:
    """The major version of a program that calls itself `relevo 2.1.0`; 0 for one that says none."""
    number = program.rpartition(" ")[2].partition(".")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) <= 6 else 0
