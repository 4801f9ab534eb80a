"""What is fixed when a customer's program is made: the broker, the organisation, the broker's log key.

Counterpart: `relevo organisation build`, which prints the file; `scripts/build_agent.py` puts it inside the program.
Must never be taken from a link, a file name or the network (pairing rule 7).
"""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from protocol.fields import Identifier, Key

BUNDLED = Path(__file__).parent / "build.json"


class Build(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`log_key` is the broker's Ed25519 key for receipts and ends, base64url; None in a trial without a build file,
    whose countersignatures then cannot be checked."""

    public_origin: Annotated[str, Meta(max_length=200)]
    org_id: Identifier
    org_name: str = ""
    log_key: Key | None = None


def read(file: Path) -> Build:
    """The build in `file`.  Raises `ValueError` with a sentence."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Build)
    except (OSError, msgspec.MsgspecError) as error:
        raise ValueError(f"{file} is no build file: {error}") from error


def bundled() -> Build | None:
    """The build of a frozen program; None when run from source."""
    return read(BUNDLED) if getattr(sys, "frozen", False) else None
