"""Edge cases of guards: one submission per person and form, and the time for which a failed row is skipped."""

import pytest

from otklik.core import skipped_rows
from otklik.core.idempotency import once_per_nonce
from otklik.core.skipped_rows import PassedOver
from tests.cast import START


def test_rl_33_the_same_form_is_done_once_for_each_who_sends_it(db: None) -> None:
    done: list[int] = []

    def sent(owner: int, *content: str, nonce: str = "n") -> str:
        def act() -> str:
            done.append(owner)
            return f"/{len(done)}"

        return once_per_nonce(nonce=nonce, owner=owner, content=content, at=START, act=act)

    assert [sent(1, "a"), sent(1, "a")] == ["/1", "/1"]
    # Somebody else's form of the same name, other words, and words divided otherwise are others.
    assert [sent(2, "a"), sent(1, "b"), sent(1, "a", ""), sent(1, "", "a")] == ["/2", "/3", "/4", "/5"]
    # Without a name nothing is remembered.
    assert [sent(1, "a", nonce=""), sent(1, "a", nonce="")] == ["/6", "/7"]


def test_a_row_is_passed_over_for_its_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = PassedOver()
    rows.add(1)
    monkeypatch.setattr(skipped_rows, "_SECONDS", 0.0)
    rows.add(2)
    assert rows.rows() == [1]
    rows.clear()
    assert rows.rows() == []
