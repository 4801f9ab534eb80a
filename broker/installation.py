"""What the small commands share: this installation's database, opened without a broker, and refusals as sentences."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from broker.errors import BrokerError
from broker.i18n import N_, environment_language, translate
from broker.keys import NAME as KEY_FILE
from broker.settings import Settings, load
from broker.store.engine import Store
from broker.store.schema import newest, revision

T = TypeVar("T")


def on_store(config: Path | None, data: Path | None, work: Callable[[Store, Settings], Awaitable[T]]) -> T:
    """Run `work` on this installation's database.  Never makes one: without it, or with another version's, it stops."""

    async def main() -> T:
        settings = load(config, data_dir=data)
        store = Store(settings.store_url)
        try:
            present = not store.is_sqlite or Path(store.url.database or "").is_file()
            if not present or not (settings.data_dir / KEY_FILE).is_file() or await revision(store) != newest():
                stop(say(N_("There is no log of this version of Relevo in {folder}.")).format(folder=settings.data_dir))
            return await work(store, settings)
        finally:
            await store.close()

    try:
        return asyncio.run(main())
    except BrokerError as refused:
        stop(refused.sentence(environment_language()))


def say(text: str) -> str:
    """A msgid in the reader's language."""
    return translate(environment_language(), text)


def stop(why: str) -> NoReturn:
    """End the command with a sentence."""
    print(f"relevo: {why}", file=sys.stderr)
    sys.exit(1)
