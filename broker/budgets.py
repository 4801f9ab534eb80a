"""How often something may happen per key in a sliding time.  Time is passed in; kept in memory by each process."""


class Budget:
    """At most `count` spendings per key in any `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self.count, self.seconds = count, seconds
        self._spent: dict[str, list[float]] = {}

    def exhausted(self, key: str, now: float) -> bool:
        """Whether nothing is left for `key`."""
        return len(self._recent(key, now)) >= self.count

    def spend(self, key: str, now: float) -> bool:
        """Take one for `key`.  False, and nothing taken, when none was left."""
        recent = self._recent(key, now)
        if len(recent) >= self.count:
            return False
        if not recent:
            self._forget_idle(now)
            recent = self._spent[key] = []
        recent.append(now)
        return True

    def _recent(self, key: str, now: float) -> list[float]:
        times = self._spent.get(key)
        if times is None:
            return []
        old = 0
        while old < len(times) and times[old] <= now - self.seconds:
            old += 1
        del times[:old]
        return times

    def _forget_idle(self, now: float) -> None:
        for key in [key for key, times in self._spent.items() if not times or times[-1] <= now - self.seconds]:
            del self._spent[key]
