"""`relevo rate` and `relevo policy`: anyone can check a bill or a policy file by hand.

They need no broker, no database and no settings.  Exit codes: 2 bad input, 3 refused by the provider's terms.
"""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from broker.errors import BrokerError
from broker.i18n import N_, environment_language, translate
from broker.policies import files
from broker.policies.errors import PolicyRefused
from broker.policies.reference import page
from broker.rating.case_json import read_case, write_bill
from broker.rating.engine import Engine
from broker.rating.errors import CaseRefused, NotServed

BAD_INPUT, REFUSED = 2, 3

app = typer.Typer()
policy_app = typer.Typer(no_args_is_help=True, help="Check policy files.")
app.add_typer(policy_app, name="policy")


class Language(StrEnum):
    """Of the explanations."""

    ES = "es"
    EN = "en"


@app.command()
def rate(
    case: Annotated[Path, typer.Argument(help="The case, in JSON; - for the standard input.", allow_dash=True)],
    policy: Annotated[str, typer.Option("--policy", help="A shipped policy's name, or a file.")],
    language: Annotated[Language | None, typer.Option("--language", help="Of the explanations.")] = None,
) -> None:
    """Rate a case: print its charges, each explained, as one JSON object."""
    lang = language.value if language else environment_language()
    try:
        terms = files.load(policy)
        bill = Engine(terms).rate(read_case(_read(case)))
    except (PolicyRefused, CaseRefused) as wrong:
        _fail(wrong.sentence(lang), BAD_INPUT)
    except NotServed as refused:
        _fail(f"{refused.subject} {refused.index}: {refused.clause}: {refused.sentence(lang)}", REFUSED)
    # As bytes: JSON is UTF-8, whatever the terminal's own encoding is.
    typer.echo(json.dumps(write_bill(bill, terms, lang), ensure_ascii=False, indent=2).encode())


@policy_app.command("check")
def check(
    file: Annotated[list[str], typer.Argument(help="Policy files, or shipped policies' names.")],
) -> None:
    """Check policy files: file, key and reason of the first mistake in each."""
    lang, wrong = environment_language(), False
    for one in file:
        try:
            terms = files.load(one)
        except BrokerError as mistake:
            typer.echo(mistake.sentence(lang), err=True)
            wrong = True
        else:
            text = translate(lang, N_("{file}: a policy of {title}, version {version}"))
            typer.echo(text.format(file=one, title=terms.title, version=files.version(terms)[:12]))
    if wrong:
        raise typer.Exit(BAD_INPUT)


@policy_app.command("list")
def listing() -> None:
    """The policies that come with Relevo."""
    for name in files.shipped():
        typer.echo(name)


@policy_app.command("reference")
def reference() -> None:
    """Every key of a policy file, in Markdown."""
    typer.echo(page(), nl=False)


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as failure:
        raise CaseRefused(str(file), failure.strerror or str(failure)) from failure


def _fail(sentence: str, code: int) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)
