"""Where the server's half of the passwords is kept (pairing rules 3 and 4)."""

from broker.agents.codes import LocalCodes, Verdict
from protocol import limits


async def test_of_two_codes_that_are_spent_together_the_newest_is_named() -> None:
    """It is the one on the customer's screen; a run that came back with its ID has two."""
    codes = LocalCodes(bytes(32))
    for code_id in ("old", "new"):
        await codes.issue("123456789", code_id, "org", "nonce", "AAA", 0.0)
    guesses = [await codes.spend("org", "123456789", "CCC", 1.0) for _ in range(limits.TRIES)]
    assert [guess.verdict for guess in guesses] == [Verdict.WRONG, Verdict.WRONG, Verdict.SPENT]
    assert guesses[-1].spent is not None
    assert guesses[-1].spent.code_id == "new"
