"""Hands one message to the mail server (RFC 5321), and says in a word what became of it.

No address and no password may reach a log: what the server says is never repeated.
"""

import ssl
from email.message import EmailMessage
from typing import Final, Literal

import aiosmtplib

from broker.settings import Smtp

SECONDS: Final = 30.0
"""How long a connection, and each answer, may take."""

Outcome = Literal["", "unreachable", "insecure", "sign_in_refused", "sender_refused", "busy", "recipient", "message"]
"""`""`: taken.  `recipient`, `message`: refused for good.  Everything else may be otherwise the next time."""

FOR_GOOD: Final = frozenset({"recipient", "message"})
SERVERS: Final = frozenset({"unreachable", "insecure", "sign_in_refused", "sender_refused"})
"""Not this letter's fault: the next one would fare no better."""


async def deliver(smtp: Smtp, message: EmailMessage) -> Outcome:
    """Taken by the server, or why not."""
    try:
        context = ssl.create_default_context(cafile=smtp.ca) if smtp.tls != "none" else None
        await aiosmtplib.send(
            message, sender=smtp.sender, hostname=smtp.host, port=smtp.port, timeout=SECONDS, tls_context=context,
            username=smtp.user or None, password=smtp.password.get_secret_value() if smtp.user else None,
            use_tls=smtp.tls == "tls", start_tls=smtp.tls == "starttls",
        )  # fmt: skip
    except aiosmtplib.SMTPAuthenticationError:
        return "sign_in_refused"
    except aiosmtplib.SMTPSenderRefused as refused:
        return "sender_refused" if refused.code >= 500 else "busy"
    except aiosmtplib.SMTPRecipientsRefused as refused:
        return "recipient" if all(one.code >= 500 for one in refused.recipients) else "busy"
    except aiosmtplib.SMTPDataError as refused:
        return "message" if refused.code >= 500 else "busy"
    except (aiosmtplib.SMTPNotSupported, ssl.SSLError):
        return "insecure"
    except aiosmtplib.SMTPException as failed:
        # The bare class is how the library says that the server offers no STARTTLS.
        bare = type(failed) is aiosmtplib.SMTPException
        return "insecure" if bare or isinstance(failed.__cause__, ssl.SSLError) else "unreachable"
    except (OSError, ValueError):
        return "unreachable"
    return ""
