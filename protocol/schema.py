"""JSON Schema of every message, from which the console's TypeScript types and validators are made.

`python -m protocol.schema` prints it; a test fails when the made files differ.
"""

import json

import msgspec

from protocol import control, inner, limits, offer

UNIONS: dict[str, object] = {
    "AgentToBroker": control.AgentToBroker,
    "BrokerToAgent": control.BrokerToAgent,
    "ConsoleToBroker": control.ConsoleToBroker,
    "BrokerToConsole": control.BrokerToConsole,
    "InnerFromConsole": inner.ConsoleToAgent,
    "InnerFromAgent": inner.AgentToConsole,
    "Offer": offer.Offer,
}


def schema() -> dict[str, object]:
    """One document: `$defs` with a definition per message and one per union, `limits` with all of `protocol.limits`."""
    roots, definitions = msgspec.json.schema_components(UNIONS.values(), ref_template="#/$defs/{name}")
    for name, root in zip(UNIONS, roots, strict=True):
        definitions.setdefault(name, root)
    numbers = {name: value for name, value in vars(limits).items() if name.isupper()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": dict(sorted(definitions.items())),
        "limits": numbers,
    }


if __name__ == "__main__":
    print(json.dumps(schema(), indent=1))
