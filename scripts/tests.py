"""What `make test` runs: the web console's own tests, then pytest over everything else, under 10 minutes on two cores.

    python -m scripts.tests [pytest's arguments]

First, with nothing beside them, the tests that measure a promise on the clock; then all others, in three processes:
they wait about as often as they compute.  The first of these steps that fails is the last.  pytest comes last, so its
closing line ends the output.  With arguments, only pytest runs, and in one process.
"""

import os
import subprocess
import sys

from scripts import web

PROMISES = ("-m", "promise")
OTHERS = ("-m", "not promise", "-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: list[str]) -> int:
    """The exit code of the first step that fails; pytest's 5 ("no tests") is a failure: it has proved nothing."""
    if arguments:
        return pytest(*arguments)
    try:
        web.run_tests()
    except subprocess.CalledProcessError as failure:
        return failure.returncode
    return pytest(*PROMISES) or pytest(*OTHERS)


def pytest(*arguments: str) -> int:
    """One run.  The programs that tests start keep what Python compiled: each would take seconds to do it again."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=web.WEB.parent.parent, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
