"""A technician in a process of their own, who types for ever: what a test freezes with SIGSTOP.

python -m tests.client_agent.support.typist ORIGIN EMAIL ID      then, a line each: the account's password, the code's
"""

import asyncio
import sys

from operator_console.client import Console, Way


async def main(origin: str, email: str, agent_id: str) -> None:
    account, code = (sys.stdin.readline().strip() for _ in range(2))
    async with Console.sign_in(Way(origin), email, account) as console:
        service = console.welcome.services[0] if console.welcome.services else ""
        session = await console.pair(agent_id, code, service)
        await session.consent()
        await session.whole_picture()
        print("typing", flush=True)
        while True:
            session.type_text("a")
            await session.drained()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
