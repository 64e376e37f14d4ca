"""`lock_approval_links` locks approval links that others may have read."""

from datetime import timedelta

from otklik.tickets.approvals import signature_of, vote_token
from otklik.tickets.commands.leaked_links import lock_approval_links
from otklik.tickets.models import Vote
from tests.acting import LATER
from tests.cast import Cast
from tests.tickets.commands.parts import asked


def test_a_link_that_was_seen_opens_for_its_person_alone_from_the_first_time_on(cast: Cast) -> None:
    vote = asked(cast).votes.get()
    token = vote_token(vote)
    found = lock_approval_links(at=LATER, secrets={token, "x" * 43, "слово"})
    assert found == {signature_of(vote.pk)}
    lock_approval_links(at=LATER + timedelta(hours=1), secrets={token})
    vote.refresh_from_db()
    assert vote.link_seen_at == LATER


def test_other_words_lock_nothing(cast: Cast) -> None:
    asked(cast)
    assert lock_approval_links(at=LATER, secrets={"x" * 43}) == set()
    assert not Vote.objects.exclude(link_seen_at=None).exists()
