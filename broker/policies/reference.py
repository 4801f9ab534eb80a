"""The reference page of policy files, made from their schema: `relevo policy reference > docs/policy-reference.md`.

A test fails when the page in `docs/` says something else.
"""

import json
from collections.abc import Iterator
from typing import Any

from broker.policies.schema import Policy

OWN = ("amount", "ratio", "time of day", "days of the week")
CLAUSE = r"^[A-Z]\d{1,2}$"
INTRODUCTION = """# Policy files: every key

Made from the schema by `relevo policy reference`; do not edit.  A policy is TOML.  Amounts and ratios are written
exactly (`45.00`, `"4/3"`), never as binary floating point; days as `mon-fri`, times as `09:00` up to `24:00`, dates as
`2026-12-24`.  A *clause* is the article of the provider's terms behind a rule, such as `Q2`: explanations on bills
quote it.  `relevo policy check FILE` names file, key and reason of a mistake.  The five that come with Relevo are in
`broker/policies/`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    schema = Policy.model_json_schema()
    return "\n".join([INTRODUCTION, *_table("A policy", schema), *_parts(schema)]) + "\n"


def _parts(schema: dict[str, Any]) -> Iterator[str]:
    for name, part in sorted(schema["$defs"].items()):
        if "properties" in part:
            yield from _table(name, part)


def _table(title: str, part: dict[str, Any]) -> Iterator[str]:
    yield f"## {title}\n"
    if part.get("description"):
        yield part["description"].replace("\n\n", "\n").replace("\n", " ").strip() + "\n"
    yield "| key | is | if absent |"
    yield "|---|---|---|"
    required = set(part.get("required", ()))
    for key, value in part["properties"].items():
        absent = "**must be given**" if key in required else _default(value)
        note = f": {value['description']}" if value.get("description") else ""
        yield f"| `{key}` | {_kind(value)}{note} | {absent} |"
    yield ""


def _kind(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in value:
        return " or ".join(_kind(one) for one in value["anyOf"] if one.get("type") != "null")
    if "enum" in value:
        return " \\| ".join(f"`{one}`" for one in value["enum"])
    if "const" in value:
        return f"`{value['const']}`"
    match value.get("type"):
        case "array":
            return f"list of {_kind(value.get('items', {}))}"
        case "object":
            content: dict[str, Any] = value.get("additionalProperties") or next(
                iter(value.get("patternProperties", {}).values()), {}
            )
            return f"table: name → {_kind(content)}"
        case "string" if value.get("title") in OWN:
            return str(value["title"])
        case "string" if value.get("pattern") == CLAUSE:
            return "clause"
        case "string" if "pattern" in value:
            pattern = value["pattern"].replace("|", "\\|")
            return f"text `{pattern}`"
        case "string":
            return "date" if value.get("format") == "date" else "text"
        case "integer":
            return "whole number" + (f" from {value['minimum']}" if "minimum" in value else "")
        case "boolean":
            return "`true` \\| `false`"
        case _:
            return "text"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default is None:
        return "none"
    if isinstance(default, list) and len(default) > 3:
        return "all of them"
    if isinstance(default, dict) and default:
        return "its defaults"
    return f"`{json.dumps(default, ensure_ascii=False)}`"
