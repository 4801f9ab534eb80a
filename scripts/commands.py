"""Several `relevo …` commands in one process: what they import is most of their work.  Started by scripts/product.py.

On standard input a line of JSON for each, `[arguments, standard input]`; on standard output one for each answer,
`[exit status, standard output, standard error]`.
"""

import json
import sys

from typer.testing import CliRunner

import relevo

if __name__ == "__main__":
    for line in sys.stdin:
        arguments, given = json.loads(line)
        done = CliRunner().invoke(relevo.build(arguments[0]), arguments, input=given)
        print(json.dumps([done.exit_code, done.stdout, done.stderr or repr(done.exception)]), flush=True)
