"""An organisation's policy: which version is in force, and every version that a contract still keeps (I15)."""

from collections.abc import Sequence
from functools import lru_cache

from broker.errors import Conflict, NotFound
from broker.i18n import N_
from broker.log.billing_events import PolicyAdopted
from broker.log.writer import EventLog
from broker.organisations.repository import OrganisationRepository
from broker.policies import files
from broker.policies.repository import PolicyRepository
from broker.policies.schema import Policy
from broker.rating.engine import Engine
from broker.store.billing_tables import PolicyRow
from broker.store.engine import Store


@lru_cache(maxsize=64)
def engine_of(text: str) -> Engine:
    """The engine of a policy in canonical JSON; versions never change, so it may be kept."""
    return Engine(files.from_json(text, "stored policy"))


class PolicyService:
    """Reads and adopts policies."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log

    async def in_force(self, org_id: str) -> Policy | None:
        """The policy by which new contracts are made; None while the organisation has adopted none."""
        async with self._store.reading() as db:
            row = await PolicyRepository(db).in_force(org_id)
        return engine_of(row.text).policy if row else None

    async def oldest_agent_major(self, org_id: str) -> int:
        """The oldest major version of the customer's program that is served (R8); 0: any."""
        policy = await self.in_force(org_id)
        return policy.oldest_agent_major if policy else 0

    async def version(self, org_id: str, sha256: str) -> Policy:
        """A version that was adopted once.  Raises `NotFound`."""
        async with self._store.reading() as db:
            row = await PolicyRepository(db).version(org_id, sha256)
        if row is None:
            raise NotFound
        return engine_of(row.text).policy

    async def history(self, org_id: str) -> Sequence[PolicyRow]:
        """Every version, the last adopted first."""
        async with self._store.reading() as db:
            return await PolicyRepository(db).history(org_id)

    async def adopt(self, org_id: str, policy: Policy, by_operator: str) -> str:
        """Put a policy in force and give its version; running contracts keep theirs.  The same again is no change.

        Raises `Conflict` when it names terms of service that have not been published.
        """
        sha256 = files.version(policy)
        async with self._log.writing() as writer:
            await writer.lock(org_id)
            if isinstance(policy.terms_version, int):
                terms = await OrganisationRepository(writer.db).terms(org_id, policy.terms_version)
                if terms is None:
                    raise Conflict(
                        N_("The policy names version {n} of the terms of service: publish it first."),
                        n=policy.terms_version,
                    )
            policies = PolicyRepository(writer.db)
            present = await policies.in_force(org_id)
            if present is None or present.sha256 != sha256:
                event = PolicyAdopted(policy_sha256=sha256, name=policy.name, by_operator=by_operator)
                recorded = (await writer.append(org_id, event)).recorded
                await policies.put_in_force(
                    PolicyRow(
                        org_id=org_id,
                        sha256=sha256,
                        name=policy.name,
                        text=files.canonical(policy),
                        adopted_utc=recorded.moment.utc,
                        adopted_by=by_operator,
                    )
                )
        return sha256
