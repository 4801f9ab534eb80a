"""What the endpoints of policies take and give."""

from typing import Annotated

from pydantic import Field, model_validator

from broker.policies.files import MAX_BYTES
from broker.policies.schema import Policy
from broker.schemas import Body, Line, Reply, UtcTime


class PolicyBody(Body):
    """A shipped policy by its name, or a provider's own as TOML: one of the two."""

    name: Line | None = None
    toml: Annotated[str, Field(max_length=MAX_BYTES)] | None = None

    @model_validator(mode="after")
    def _one(self) -> "PolicyBody":
        if (self.name is None) == (self.toml is None):
            raise ValueError("give name or toml, one of them")
        return self


class PolicyAdopted(Reply):
    """The version that is in force now."""

    name: str
    sha256: str


class PolicyVersion(Reply):
    """A version that was adopted once."""

    sha256: str
    name: str
    adopted_utc: UtcTime
    adopted_by: str
    in_force: bool


class PolicyOverview(Reply):
    """What is in force, all that was, and what comes with Relevo."""

    in_force: Policy | None
    sha256: str | None
    history: tuple[PolicyVersion, ...]
    shipped: tuple[str, ...]
