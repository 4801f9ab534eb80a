"""Who may say that an order was paid: a Standard Webhooks message, signed with the organisation's own secret.

https://github.com/standard-webhooks/standard-webhooks.  The signature covers the bytes as they came, so they are
verified before anything in them is read.  Must never say which part of a signature was wrong.
"""

import base64
from collections.abc import Mapping
from typing import Final

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from broker.orders.errors import SignatureRefused

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
MESSAGE_ID: Final = "webhook-id"
LONGEST_ID: Final = 200
SEALED_FOR: Final = "payment webhook"


def shown(secret: bytes) -> str:
    """The secret as payment services take it."""
    return PREFIX + base64.b64encode(secret).decode()


def message_id(secret: bytes, body: bytes, headers: Mapping[str, str]) -> str:
    """The id of a message that was signed within the last five minutes.  Raises `SignatureRefused`.

    The library compares the signature in constant time, and the time with this machine's clock.
    """
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):  # what is no base64, no UTF-8 or no pair is no signature either
        raise SignatureRefused from None
    id = headers[MESSAGE_ID]
    if len(id) > LONGEST_ID:
        raise SignatureRefused
    return id
