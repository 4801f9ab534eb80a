"""A session's receipt as a letter in its customer's language: pure.

Whatever comes from records goes through the templates, which escape it for HTML.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from broker.i18n import N_, translate
from broker.invoices.amounts import shown, shown_time, tax_minor
from broker.mail.letter import Letter
from broker.rating.engine import Engine
from broker.rating.explanation import from_json
from broker.store.billing_tables import WorkRow

BASES: Final = {
    "free": N_("Free of charge by the terms"),
    "allowance": N_("Free of charge: short help"),
    "covered": N_("Covered by your contract {contract}"),
    "plan": N_("Your contract {contract}"),
    "tariff": N_("The tariff"),
    "order": N_("Your prepaid order"),
}

_templates: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receipt is about.  `balance_minutes`: what is left of the contract now."""

    provider: str
    customer: str
    technician: str
    row: WorkRow
    engine: Engine
    contract: str | None
    balance_minutes: int | None
    corrected: bool
    link: str | None


def letter(receipt: Receipt, lang: str) -> Letter:
    """In `lang`, as plain text and as HTML with the same words."""

    def say(text: str, **values: object) -> str:
        return translate(lang, text).format(**values)

    row = receipt.row
    title = say(N_("Corrected receipt of your session")) if receipt.corrected else say(N_("Receipt of your session"))
    words = {
        "lang": lang,
        "title": title,
        "greeting": say(N_("For {customer}, from {provider}"), customer=receipt.customer, provider=receipt.provider),
        "facts": [*_when(receipt, lang), connected(receipt, lang), *charged(receipt, lang)],
        "explained": say(N_("How it was worked out")),
        "explanation": [from_json(step).sentence(lang) for step in row.steps],
        "rate": say(N_("How was the help? Rate it from 1 to 5, once:")),
        "link": receipt.link,
    }
    text, html = (_templates.get_template(f"receipt.{form}").render(words) for form in ("txt", "html"))
    return Letter(lang, f"{title} · {receipt.provider}", text, html)


def _when(receipt: Receipt, lang: str) -> list[tuple[str, str]]:
    row, local = receipt.row, receipt.engine.hours.local
    zone = str(receipt.engine.policy.zone)
    facts = [(translate(lang, N_("Helped by")), receipt.technician)] if receipt.technician else []
    facts += [
        (translate(lang, N_("From")), f"{shown_time(local(row.start), lang)} ({zone})"),
        (translate(lang, N_("Until")), shown_time(local(row.end), lang)),
    ]
    return facts + [
        (translate(lang, N_("Pause")), f"{shown_time(local(begin), lang)}, {_length(end - begin)}")
        for begin, end in row.pauses
    ]


def connected(receipt: Receipt, lang: str) -> tuple[str, str]:
    """How long it was, by the log."""
    row = receipt.row
    seconds = row.end - row.start - sum(end - begin for begin, end in row.pauses)
    return translate(lang, N_("Connected, without pauses")), _length(seconds)


def charged(receipt: Receipt, lang: str) -> list[tuple[str, str]]:
    """What it comes to, and to what it is charged."""
    row = receipt.row
    charged_to = translate(lang, N_("Charged to"))
    if row.state == "dismissed":
        return [(charged_to, translate(lang, N_("Nothing: this session is not charged")))]
    if row.state == "held" or row.basis is None or row.currency is None:
        undecided = N_("Not decided yet: {provider} looks at it, and you get a receipt with the outcome")
        return [(charged_to, translate(lang, undecided).format(provider=receipt.provider))]
    facts = [(charged_to, translate(lang, BASES[row.basis]).format(contract=receipt.contract or ""))]
    if row.from_balance_minutes:
        facts.append((translate(lang, N_("Minutes from your plan")), str(row.from_balance_minutes)))
    if receipt.balance_minutes is not None:
        facts.append((translate(lang, N_("Minutes left in your plan")), str(receipt.balance_minutes)))
    if row.net_minor:
        tax = tax_minor(receipt.engine.policy, row.net_minor, row.currency)
        facts += [
            (translate(lang, N_("Net")), shown(row.net_minor, row.currency, lang)),
            (translate(lang, N_("Tax")), shown(tax, row.currency, lang)),
        ]
        facts.append((translate(lang, N_("Total")), shown(row.net_minor + tax, row.currency, lang)))
    else:
        facts.append((translate(lang, N_("Total")), shown(0, row.currency, lang)))
    return facts


def _length(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
