"""DNS queries about many domains at once: an unanswered one does not delay the others (S-07)."""

import threading
import time

import pytest

from otklik.mail.dns_batch import MOST_AT_ONCE, MOST_OF_ONE, MOST_OF_THE_FAILING, Questions
from otklik.mail.dns_lookup import Unanswered
from tests.mail.test_dkim_verify import known


def test_one_organisation_does_not_take_all_the_room_for_questions() -> None:
    go_on, asked = threading.Event(), []

    def text(name: str) -> bytes | None:
        asked.append(name)
        assert go_on.wait(30)
        return b"x"

    questions = Questions(text)
    for number in range(60):
        with pytest.raises(Unanswered):
            questions.answer(f"s{number}._domainkey.n{number}.evil.test")
    assert len(asked) <= MOST_OF_ONE
    for number in range(60):
        with pytest.raises(Unanswered):
            questions.answer(f"s._domainkey.evil{number}.test")
    assert len(asked) <= MOST_AT_ONCE
    go_on.set()
    assert known(questions, "s._domainkey.clinic.test") == b"x"


def test_organisations_that_do_not_answer_leave_room_to_all_others() -> None:
    """However many there are, after their first failure they share half of the slots."""
    fail, asked = threading.Semaphore(0), []

    def text(name: str) -> bytes | None:
        asked.append(name)
        if name.endswith(".clinic.test"):
            return b"x"
        assert fail.acquire(timeout=30)
        raise Unanswered(name)

    questions = Questions(text)
    evil = [f"{number}.evil{number % 20}.test" for number in range(200)]

    def ask_all() -> None:
        for name in evil:
            with pytest.raises(Unanswered):
                questions.answer(name)

    ask_all()
    answered = questions.answered
    fail.release(len(asked))
    while questions.answered < len(asked):
        questions.wait(1, questions.answered)
    assert answered == 0 and len(asked) == MOST_AT_ONCE
    while any(map(questions.is_open, evil[MOST_AT_ONCE:])):
        time.sleep(0.05)  # what found no room is asked again after half a second
    ask_all()
    assert MOST_AT_ONCE < len(asked) <= MOST_AT_ONCE + MOST_OF_THE_FAILING
    with pytest.raises(Unanswered):
        questions.answer("s.clinic.test")
    assert known(questions, "s.clinic.test") == b"x", "at once, while all the others are under way"
    fail.release(1000)
