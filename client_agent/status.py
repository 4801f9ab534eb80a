"""What the agent shows, written to a file, for the demo and the tests: state, ID, both parts of the password.

Stands between core and window and changes nothing.  Only with `--status-file`, which no build has: it holds a password.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from client_agent import events as ev

DOING = {
    ev.Step.REACH: "reaching",
    ev.Step.TERMS: "checking_terms",
    ev.Step.MEASURE: "measuring",
    ev.Step.CODE: "making_code",
}
"""The state while a step is under way.  `terms` is a question that waits for the customer, `code` a code on show."""
CODE = ("id", "server_part", "agent_part", "code")
"""Said only in the state `code`.  `code` is both parts, the whole password."""


class StatusFile:
    """A core that also writes down what it tells.  The file is this person's only, and replaced whole."""

    def __init__(self, core: ev.RunningCore, file: Path) -> None:
        self._core, self._file = core, file
        self._said: dict[str, object] = {"state": "starting", "pid": os.getpid()}
        self._write()

    def listen(self, listener: Callable[[ev.Event], None]) -> None:
        """See `events.Core`."""

        def both(event: ev.Event) -> None:
            listener(event)
            self._note(event)

        self._core.listen(both)

    def do(self, command: ev.Command) -> None:
        """See `events.Core`."""
        self._core.do(command)

    async def run(self) -> None:
        """The core's."""
        await self._core.run()

    def _note(self, event: ev.Event) -> None:
        said = dict(self._said)
        match event:
            case ev.StepChanged(state=ev.StepState.DOING):
                said |= {"state": DOING[event.step]}
            case ev.TermsNeeded():
                said |= {"state": "terms"}
            case ev.CodeShown():
                whole = event.password
                said |= {"state": "code"} | dict(zip(CODE, (event.id, whole[:3], whole[3:], whole), strict=True))
            case ev.CodeGone():
                said |= {"state": "no_code"}
            case ev.ConsentAsked():
                said |= {"state": "consent", "session_id": event.session_id}
            case ev.Live():
                said |= {"state": "live", "granted": sorted(event.granted)}
            case ev.PermissionsNow():
                said |= {"granted": sorted(event.granted)}
            case ev.Paused():
                said |= {"state": "paused"}
            case ev.Resumed():
                said |= {"state": "live"}
            case ev.Ended():
                said |= {"state": "ended", "reason": event.reason, "connected_s": event.connected_s}
            case ev.Failed():
                said |= {"state": "failed", "failure": event.failure.kind.value, "detail": event.failure.detail}
            case ev.BurnWarning():
                said |= {"state": "burns"}
            case ev.Closed():
                said = {"state": "closed", "pid": os.getpid()}
        if said["state"] != "code":
            said = {name: said[name] for name in said if name not in CODE}
        if said != self._said:
            self._said = said
            self._write()

    def _write(self) -> None:
        new = self._file.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(self._said, out)
        new.replace(self._file)
