"""The golden files still hold what the code gives: a change of the protocol cannot pass unseen."""

import pytest

from tests.protocol import golden


@pytest.mark.parametrize("name", golden.FILES)
def test_the_golden_values_still_come_out(name: str) -> None:
    assert (golden.VECTORS / name).read_text() == golden.text(name)
