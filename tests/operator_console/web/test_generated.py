"""The console's types and validators are made from the messages as they are now."""

import json
from pathlib import Path

from protocol.schema import schema

GENERATED = Path(__file__).parents[3] / "operator_console/web/src/protocol/gen/schema.json"


def test_the_console_was_generated_from_this_schema() -> None:
    """If not: `python -m protocol.schema | node scripts/generate.ts` in `operator_console/web`."""
    assert json.loads(GENERATED.read_text()) == json.loads(json.dumps(schema()))
