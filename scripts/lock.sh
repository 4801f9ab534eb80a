#!/bin/sh
# Makes requirements/*.txt from pyproject.toml: every version and hash, for every platform and Python from 3.11 on.
# The files name no host: they are the public registry's hashes whatever index a machine is set up with.
set -eu
cd "$(dirname "$0")/.."

compile() { # FILE, then uv's options
    target=$1
    shift
    echo "relevo: locking requirements/$target …"
    .venv/bin/uv pip compile pyproject.toml --no-config --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url "$@" -o "requirements/$target"
}

compile dev.txt --all-extras --group build --group dev "$@"
# The others are parts of the first: the same versions everywhere.
compile run.txt --all-extras --group build --constraints requirements/dev.txt
compile broker.txt --extra broker --constraints requirements/dev.txt
compile agent.txt --extra agent --constraints requirements/dev.txt
compile console.txt --extra console --constraints requirements/dev.txt
