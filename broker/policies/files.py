"""Reads policy files: the five that are shipped, by name, or a provider's own, by path.

Counterpart: `schema.py`.  A policy's version is the hash of what it says, not of its comments or layout, so that a
contract can keep the version it was made with (I15).  Must never guess: what cannot be read whole is refused.
"""

import hashlib
import json
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from broker.policies.errors import PolicyRefused
from broker.policies.schema import Policy

FOLDER: Final = Path(__file__).parent
MAX_BYTES: Final = 256 * 1024


def shipped() -> tuple[str, ...]:
    """The names of the policies that come with Relevo."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def load(name_or_file: str) -> Policy:
    """The shipped policy of this name, or the one in this file.  Raises `PolicyRefused`."""
    if name_or_file in shipped():
        return _shipped(name_or_file)
    file = Path(name_or_file)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise PolicyRefused(name_or_file, "", f"larger than {MAX_BYTES // 1024} KiB")
        text = file.read_text("utf-8")
    except OSError as failure:
        names = ", ".join(shipped())
        raise PolicyRefused(name_or_file, "", f"{failure.strerror or failure}; shipped policies: {names}") from failure
    except UnicodeDecodeError as failure:
        raise PolicyRefused(name_or_file, "", "is not UTF-8 text") from failure
    return parse(text, name_or_file)


def parse(text: str, file: str) -> Policy:
    """The policy that `text` (TOML) describes; `file` names it in errors.  Raises `PolicyRefused`."""
    try:
        # Decimal and date become text on their way; binary floating point never arises.
        written = json.dumps(tomllib.loads(text, parse_float=Decimal), default=str)
    except (tomllib.TOMLDecodeError, RecursionError) as failure:
        raise PolicyRefused(file, "", f"is not TOML: {failure}") from failure
    return from_json(written, file)


def from_json(text: str, file: str) -> Policy:
    """The policy that `text`, as `canonical` wrote it, describes.  Raises `PolicyRefused`."""
    try:
        return Policy.model_validate_json(text)
    except ValidationError as wrong:
        first: Any = wrong.errors(include_url=False)[0]
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise PolicyRefused(file, ".".join(str(part) for part in first["loc"]), reason) from wrong


def canonical(policy: Policy) -> str:
    """What the policy says, as JSON that is the same for the same policy."""
    return json.dumps(policy.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def version(policy: Policy) -> str:
    """SHA-256 of what the policy says, in hexadecimal."""
    return hashlib.sha256(canonical(policy).encode()).hexdigest()


@cache
def _shipped(name: str) -> Policy:
    return parse((FOLDER / f"{name}.toml").read_text("utf-8"), f"{name}.toml")
