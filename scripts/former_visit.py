"""A customer who has used the program before: a former run of it, in which they read the terms and accepted them.

The agent's own core does it, without a window: the acceptance is in the customer's state as the program leaves it, and
in the broker's hands as the program sends it.  For the demo.
"""

import asyncio
from pathlib import Path

from client_agent import build_config
from client_agent import events as ev
from client_agent.capture.base import open_capture
from client_agent.core import AgentCore
from client_agent.desktop import Backends
from client_agent.i18n import Language
from client_agent.identity import Identity, state_folder
from client_agent.inject.base import open_injector
from client_agent.link import Lines
from scripts.desktop import Desktop

PATIENCE_S = 60.0


class VisitFailed(Exception):
    """The former run came to nothing; carries the program's own words for it."""


def accept_terms(desktop: Desktop, build_file: Path, language: Language) -> None:
    """Runs the program until the broker has registered it with the terms accepted.  Raises `VisitFailed`."""
    asyncio.run(_visit(desktop, build_file, language))


async def _visit(desktop: Desktop, build_file: Path, language: Language) -> None:
    build = build_config.read(build_file)
    identity = Identity.open(state_folder(desktop.env, build.org_id))
    backends = Backends(lambda: open_capture(desktop.env), lambda: open_injector(desktop.env))
    core = AgentCore(build, Lines(build.public_origin), identity, backends, ev.NoWindow(), language)
    loop = asyncio.get_running_loop()
    failures: list[str] = []

    def answer(event: ev.Event) -> None:
        match event:
            case ev.TermsNeeded():
                loop.call_soon(core.do, ev.AcceptTerms(version=event.version, language=language))
            case ev.Failed():
                failures.append(f"{event.failure.kind.value} {event.failure.detail}".strip())
                loop.call_soon(core.do, ev.Quit())
            case ev.Measured():
                loop.call_soon(core.do, ev.Quit())

    core.listen(answer)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await core.run()
    except TimeoutError:
        failures.append("the broker did not answer")
    if failures:
        raise VisitFailed(f"the customer's former visit failed: {failures[0]}")


def forget(desktop: Desktop, build_file: Path) -> None:
    """Makes a customer of them who has never used the program on this desktop."""
    (state_folder(desktop.env, build_config.read(build_file).org_id) / "state.json").unlink(missing_ok=True)
