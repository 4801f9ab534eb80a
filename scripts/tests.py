"""What `make test` runs: the web console's own tests, then pytest over everything else, under 10 minutes on two cores.

    python -m scripts.tests [pytest's arguments]

pytest comes last, so its closing line ends the output.  With arguments, only pytest runs.
"""

import subprocess
import sys

from scripts import web


def main(arguments: list[str]) -> int:
    """pytest's exit code, 5 ("no tests") included: a run without tests has proved nothing."""
    if not arguments:
        try:
            web.run_tests()
        except subprocess.CalledProcessError as failure:
            return failure.returncode
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=web.WEB.parent.parent).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
