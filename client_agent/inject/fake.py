"""Input that is only written down, for tests: chosen explicitly, never by the program."""

from collections.abc import Callable

from client_agent.inject.base import Injector


class FakeInjector(Injector):
    """`done` lists what was asked, in order; `held` what is down; `placed`: whether points are known; `held_back`:
    whether the desktop lets nothing in."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.held: set[tuple[str, object]] = set()
        self.placed, self.held_back = True, False

    def open(self) -> None:
        self.done.append(("open",))

    @property
    def withheld(self) -> bool:
        return self.held_back

    def place(self, x: int, y: int) -> tuple[int, int] | None:
        return (x, y) if self.placed else None

    def move(self, x: int, y: int) -> None:
        self.done.append(("move", x, y))

    def button(self, button: int, down: bool) -> None:
        self.done.append(("button", button, down))
        self._hold("button", button, down)

    def wheel(self, dx: int, dy: int) -> None:
        self.done.append(("wheel", dx, dy))

    def key(self, key: str, code: str, down: bool) -> None:
        self.done.append(("key", key, down))
        self._hold("key", code or key, down)

    def text(self, text: str, go_on: Callable[[], bool], typed: Callable[[], None]) -> None:
        done = ""
        for character in text:
            if not go_on():
                break
            done += character
            typed()
        self.done.append(("text", done))

    def release_all(self) -> None:
        self.done.append(("release_all",))
        self.held.clear()

    def close(self) -> None:
        self.release_all()

    def _hold(self, what: str, which: object, down: bool) -> None:
        if down:
            self.held.add((what, which))
        else:
            self.held.discard((what, which))
