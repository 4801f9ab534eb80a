"""Errors of policy files.

BrokerError
└── PolicyRefused   a file that is no policy: names file, key and reason
"""

from broker.errors import BrokerError
from broker.i18n import N_


class PolicyRefused(BrokerError):
    """A policy file that cannot be used.  `key` is dotted (`plans.SITE.kinds.0`); empty: the whole file is at fault."""

    word = "policy"
    text = N_("{file}: {key}: {reason}")

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(file=file, key=key or "-", reason=reason)
