"""The reference page of policy files."""

from pathlib import Path

from broker.policies.reference import page
from broker.policies.schema import Policy

DOCS = Path(__file__).parents[3] / "docs"


def test_the_page_is_what_the_schema_makes_of_it() -> None:
    made_by = "relevo policy reference > docs/policy-reference.md"
    assert (DOCS / "policy-reference.md").read_text("utf-8") == page(), made_by


def test_every_key_of_a_policy_is_on_the_page() -> None:
    assert all(f"| `{key}` |" in page() for key in Policy.model_fields)
