"""Argon2id, away from the event loop and only a few at a time."""

import asyncio
import secrets
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY


class Passwords:
    """Hashes and verifies (RFC 9106, second recommended option: 3 passes, 4 lanes, by default 64 MiB).

    `threads` bounds how many run at once; the others wait, so that sign-ins cannot take all memory.
    """

    def __init__(self, threads: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher.from_parameters(replace(RFC_9106_LOW_MEMORY, memory_cost=memory_kib))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        # An account that does not exist is verified against this, so that it takes as long as one that does.
        self._nobody = _hash_of_nothing(self._hasher)

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hasher.hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one; with `stored` None it takes as long and is False."""
        found = await asyncio.get_running_loop().run_in_executor(
            self._pool, self._verify, stored or self._nobody, password
        )
        return found and stored is not None

    def is_dated(self, stored: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """A hash with the hasher's parameters that no password has, made without computing one."""
    salt, digest = (b64encode(secrets.token_bytes(n)).decode().rstrip("=") for n in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v=19$m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}${salt}${digest}"
