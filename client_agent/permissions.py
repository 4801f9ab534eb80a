"""Who may what, now: the agent's own law.  Off acts at once, on acts after the broker's record of it (pairing step 23).

Counterparts: `gate.py` carries it out; the broker only writes it down.  Pure.  Default: nothing.  Must never give what
the technician did not ask for, or what the customer did not click.
"""

from collections import deque

from protocol.control import Permission


class Permissions:
    """What stands in one session."""

    def __init__(self, wanted: tuple[Permission, ...]) -> None:
        self.wanted = frozenset(wanted)
        self.granted: frozenset[Permission] = frozenset()
        self._unrecorded: dict[Permission, deque[bool]] = {}
        """Changes that the broker has not acknowledged, in the order in which they were told to it."""

    @property
    def pending(self) -> frozenset[Permission]:
        """Wished by the customer, not in force yet."""
        return frozenset(n for n, told in self._unrecorded.items() if told and told[-1] and n not in self.granted)

    def consent(self, names: frozenset[Permission]) -> frozenset[Permission]:
        """The customer's answer to the prompt; in force when the caller has the receipt's acknowledgement."""
        self.granted = names & self.wanted
        return self.granted

    def change(self, name: Permission, on: bool) -> bool:
        """A click.  Whether there is something to tell the broker; off is in force already when this returns."""
        if name not in self.wanted or on == (name in self.granted | self.pending):
            return False
        if not on:
            self.granted -= {name}
        self._unrecorded.setdefault(name, deque()).append(on)
        return True

    def recorded(self, name: Permission, on: bool) -> bool:
        """The broker acknowledged.  Whether something came into force: only if it is still the customer's last wish."""
        told = self._unrecorded.get(name)
        if not told or told[0] != on:
            return False
        told.popleft()
        if on and not told:
            self.granted |= {name}
            return True
        return False

    def forget_unrecorded(self) -> list[tuple[Permission, bool]]:
        """The line to the broker is new: what must be told again, at its last value."""
        again = [(name, told[-1]) for name, told in self._unrecorded.items() if told]
        self._unrecorded = {name: deque([on]) for name, on in again}
        return again
