"""The second factor: time-based codes (RFC 6238, six digits, 30 s), one step of tolerance, each code good once."""

import hmac
import io
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP: Final = 30
"""Seconds that a code is shown for."""


def new_secret() -> str:
    """160 random bits, as an authenticator takes them (base32)."""
    return pyotp.random_base32()


def uri(secret: str, account: str, issuer: str) -> str:
    """The `otpauth://` address that an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def qr_svg(address: str) -> str:
    """The address as a picture: an SVG element that is a whole image, so with its namespace, without a prolog."""
    picture = io.BytesIO()
    segno.make(address, error="m").save(
        picture, kind="svg", xmldecl=False, svgns=True, nl=False, scale=4, border=2, dark="#000", light="#fff"
    )
    return picture.getvalue().decode()


def matching_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """The time step whose code this is, if it comes after `last_step` (a code is good once).  None: wrong."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    found = [s for s in (present - 1, present, present + 1) if hmac.compare_digest(totp.at(s * STEP), code)]
    return next((step for step in found if step > last_step), None)
