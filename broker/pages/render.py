"""Turns a template into an answer in the reader's language, with the strictest policy that the page can live with."""

from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broker.i18n import LANGUAGES, Lang, catalogue, preferred

FOLDER: Final = Path(__file__).parent
POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SCRIPTED: Final = f"{POLICY}; script-src 'self'; connect-src 'self'"
"""For the pages behind a link whose secret stands behind the `#`, which only a script can read."""
HEADERS: Final = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Vary": "Accept-Language"}


def _environment(lang: Lang) -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(catalogue(lang), newstyle=True)  # type: ignore[attr-defined]
    return made


_ENVIRONMENTS: Final = {lang: _environment(lang) for lang in LANGUAGES}


def language(request: Request) -> Lang:
    """The one that the address asks for (`?lang=`), otherwise the browser's first."""
    asked = request.query_params.get("lang")
    return next((lang for lang in LANGUAGES if lang == asked), preferred(request.headers.get("accept-language")))


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """`values` are shown as text, whatever they hold."""
    lang = language(request)
    body = _ENVIRONMENTS[lang].get_template(template).render(lang=lang, **values)
    return HTMLResponse(body, status, {**HEADERS, "Content-Language": lang})
