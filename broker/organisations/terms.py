"""Terms of service: their hash, and the text that an organisation starts with.

Q8, Art. 5: the customer's own device, the customer's own back-ups.
"""

from pathlib import Path

from broker.i18n import Lang
from protocol.text import b64url, lv, sha256


def terms_sha256(version: int, es: str, en: str) -> str:
    """What an agent's build pins and its customer accepts: SHA-256 over both languages, base64url."""
    return b64url(sha256(lv("relevo-terms-1", str(version), es, en)))


def default_terms(lang: Lang) -> str:
    """Terms that hold for any provider, until an administrator writes others."""
    return (Path(__file__).parent / f"default_terms.{lang}.txt").read_text("utf-8").strip()
