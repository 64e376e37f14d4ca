"""The outbox without a mail server: claims, people's actions, suspended addresses."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from otklik.journal.models import Event
from otklik.mail import late_mail_throttle, suppressed_addresses
from otklik.mail.claims import MOST_MAILS, claim, give_back, held_by, is_claimed, renewed, retry_after
from otklik.mail.commands.outbox import cancel, send_now, try_again
from otklik.mail.commands.restored import drop_held, hold_queued, release_held
from otklik.mail.models import AddressTrouble, DeliveryAttempt, OutboundMail
from otklik.people.actor import system
from tests.cast import START, Cast
from tests.refusing import refused_as

State = OutboundMail.State
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BY: dict[str, Any] = {"actor": system("cli"), "at": START}
VERA = "vera@clinic.test"


def mail(number: int = 1, **more: Any) -> OutboundMail:
    words: dict[str, Any] = {
        "recipient": f"x{number}@clinic.test", "sender": "accredo@desk.test", "kind": "comment", "cause": f"c{number}",
        "subject": "s", "text": "слова", "html": "<p>слова</p>", "message_id": f"m{number}@desk.test",
        "created_at": START, "retry_at": START,
    }  # fmt: skip
    return OutboundMail.objects.create(**{**words, **more})


def taken(now: Any = START, under_way: Any = ()) -> list[int]:
    return [one.pk for one in claim(now, under_way)]


def test_only_what_waits_is_due_and_free_is_taken_and_nothing_twice(db: None) -> None:
    due = [mail(1), mail(2, retry_at=START - MINUTE), mail(3, claimed_until=START)]
    mail(4, retry_at=START + MINUTE)
    mail(5, claimed_until=START + MINUTE)
    for number, state in enumerate(set(State) - {State.QUEUED}, 10):
        mail(number, state=state)
    busy = mail(6)
    assert set(taken(under_way=[busy.pk])) == {one.pk for one in due}
    assert taken(under_way=[busy.pk]) == []
    row = OutboundMail.objects.get(pk=due[0].pk)
    assert (row.attempts, row.last_attempt_at, row.retry_at, row.claimed_until) == (
        1, START, START + MINUTE, START + MINUTE,
    )  # fmt: skip


def test_of_one_ticket_and_recipient_the_earlier_mail_goes_first(db: None) -> None:
    first, _second = mail(1, recipient=VERA, ticket_id=7), mail(2, recipient=VERA, ticket_id=7)
    other, elsewhere = mail(3, recipient="b@x.test", ticket_id=7), mail(4, recipient=VERA, ticket_id=8)
    assert set(taken()) == {first.pk, other.pk, elsewhere.pk}


def test_forty_mails_are_taken_at_once_the_oldest_first(db: None) -> None:
    mails = [mail(number, retry_at=START - number * MINUTE) for number in range(MOST_MAILS + 1)]
    found = taken()
    assert MOST_MAILS == 40 and len(found) == 40 and found[0] == mails[-1].pk and mails[0].pk not in found


def test_tries_rest_longer_each_time(db: None) -> None:
    assert [retry_after(number) / MINUTE for number in (1, 2, 3, 4, 5, 50)] == [1, 5, 15, 30, 60, 60]


def test_what_was_not_tried_is_due_as_it_was_unless_its_claim_ended(db: None) -> None:
    one, two = mail(1, attempts=2, last_attempt_at=START - DAY), mail(2)
    claims = claim(START)
    OutboundMail.objects.filter(pk=two.pk).update(claimed_until=START + 5 * MINUTE)
    give_back(claims)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.attempts, one.retry_at, one.last_attempt_at, one.claimed_until) == (2, START, START - DAY, None)
    assert (two.attempts, two.claimed_until) == (1, START + 5 * MINUTE)


def test_a_claim_is_a_minute_and_is_renewed_by_who_has_it(db: None) -> None:
    row = mail(1)
    (mine,) = claim(START)
    row.refresh_from_db()
    assert is_claimed(row, START) and not is_claimed(row, START + MINUTE)
    later = renewed(mine, START + MINUTE / 2)
    assert later.until == START + 1.5 * MINUTE and [one.pk for one in held_by([later])] == [row.pk]
    assert held_by([mine]) == [] and renewed(mine, START) == mine
    row.refresh_from_db()
    assert row.claimed_until == later.until


def test_rl_24_late_mails_walk_and_fresh_ones_overtake_them(db: None, settings: Settings) -> None:
    settings.LATE_PER_MINUTE = 2
    late = [mail(number, created_at=START - 16 * MINUTE, retry_at=START - DAY) for number in range(4)]
    fresh = mail(9, created_at=START - 15 * MINUTE)
    found = taken()
    assert fresh.pk in found and len(set(found) & {one.pk for one in late}) == 2 and len(found) == 3
    moments = (START, START + MINUTE, START + 61 * timedelta(seconds=1))
    assert [late_mail_throttle.take(5, at) for at in moments] == [0, 0, 2]
    assert not late_mail_throttle.is_late(START - 15 * MINUTE, START)
    assert late_mail_throttle.is_late(START - 15 * MINUTE - timedelta(seconds=1), START)
    settings.LATE_PER_MINUTE = 0
    assert late_mail_throttle.take(5, START) == 5 and late_mail_throttle.take(0, START) == 0


@pytest.mark.parametrize("act", [send_now, cancel])
def test_a_mail_that_a_server_is_being_given_is_left_alone(db: None, act: Any) -> None:
    row = mail(1, claimed_until=START + MINUTE / 2)
    with refused_as("mail.being_sent"):
        act(**BY, mail=row)
    act(actor=system("cli"), at=START + MINUTE, mail=row)


@pytest.mark.parametrize("state", list(State))
def test_each_act_on_a_mail_fits_some_states(db: None, state: State) -> None:
    fits = {
        send_now: {State.QUEUED},
        cancel: {State.QUEUED, State.RESTORED},
        try_again: {State.FAILED, State.CANCELLED, State.STOPPED, State.KEPT, State.RESTORED},
    }
    acts: list[Any] = list(fits)
    for number, act in enumerate(acts):
        row = mail(number, state=state)
        if state in fits[act]:
            act(**BY, mail=row)
        else:
            with refused_as("mail.state_changed"):
                act(**BY, mail=row)
    assert Event.objects.filter(subject_kind="outbound").count() == sum(state in some for some in fits.values())


def test_what_has_power_over_an_account_loses_its_words_and_goes_no_more(db: None) -> None:
    secret, plain = mail(1, sensitive=True), mail(2)
    for row in (secret, plain):
        cancel(**BY, mail=row)
        row.refresh_from_db()
    assert (secret.text, secret.html) == ("", "") and plain.text == "слова" and plain.html
    with refused_as("mail.text_gone"):
        try_again(**BY, mail=secret)


def test_an_address_is_stopped_wrongly_where_the_words_are_about_us_and_it_is_stopped_at_all(db: None) -> None:
    ours, theirs = "554 5.7.1 Relay access denied", "550 5.1.1 no such user"
    for address, words, stopped_at in (("b", ours, START), ("a", ours, START), ("c", ours, None), ("d", theirs, START)):
        AddressTrouble.objects.create(address=address, words=words, last_at=START, stopped_at=stopped_at)
    assert [row.address for row in suppressed_addresses.wrongly_stopped()] == ["a", "b"]
    assert set(suppressed_addresses.stopped_among(["a", "c", "d", "e"])) == {"a", "d"}


def refused(number: int, words: str = "550 5.7.0 no", *, at: timedelta = timedelta(0), counts: bool = True) -> bool:
    row = mail(number, recipient=VERA)
    suppressed_addresses.note_refused(row, words, START + at, counts=counts)
    return VERA in suppressed_addresses.stopped_among([VERA])


def test_rl_26_an_address_is_given_up_at_the_third_refusal_within_a_week(db: None) -> None:
    assert [refused(1), refused(2, at=7 * DAY)] == [False, False]
    assert refused(3, at=7 * DAY)
    assert DeliveryAttempt.objects.count() == 3


def test_rl_26_a_week_later_refusals_are_counted_anew(db: None) -> None:
    assert [refused(1), refused(2), refused(3, at=7 * DAY + MINUTE), refused(4, at=8 * DAY)] == [False] * 4
    assert refused(5, at=8 * DAY)


def test_rl_26_an_address_that_does_not_exist_is_given_up_at_once_and_passing_trouble_never_counts(db: None) -> None:
    for number in range(4):
        assert not refused(number, counts=False)
        suppressed_addresses.note_soft(VERA, "451 later", START)
        suppressed_addresses.note_later(OutboundMail.objects.latest("id"), "451 later", START)
    assert AddressTrouble.objects.get().soft == 4
    assert refused(9, "550 5.1.1 no such user")


@pytest.mark.parametrize(("more", "told"), [({}, False), ({"ticket_id": 7}, True)])
def test_a_mail_about_a_request_that_did_not_arrive_is_told_there_once_and_no_mail_about_that(
    cast: Cast, more: dict[str, Any], told: bool
) -> None:
    suppressed_addresses.note_refused(mail(1, **more), "550", START, counts=False)
    suppressed_addresses.note_stopped(mail(2, kind="undelivered", ticket_id=7), START)
    assert Event.objects.filter(kind="mail.undelivered").exists() is told
    assert not Event.objects.filter(kind="mail.stopped").exists()


def test_a_restored_copy_holds_what_waits_and_lets_it_go_or_drops_it(db: None) -> None:
    waiting, secret = mail(1, attempts=4, claimed_until=START), mail(2, sensitive=True)
    kept = {
        state: mail(number, state=state) for number, state in enumerate(set(State) - {State.QUEUED, State.RESTORED}, 9)
    }
    assert hold_queued() == 2 and taken() == []
    assert {state: OutboundMail.objects.get(pk=row.pk).state for state, row in kept.items()} == {
        one: one for one in kept
    }
    OutboundMail.objects.filter(pk=secret.pk).update(state=State.CANCELLED)
    assert release_held(**BY) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.attempts, waiting.again_at, waiting.claimed_until) == (State.QUEUED, 0, START, None)
    hold_queued()
    OutboundMail.objects.filter(pk=secret.pk).update(state=State.RESTORED)
    assert drop_held(**BY) == 2
    waiting.refresh_from_db()
    secret.refresh_from_db()
    assert (waiting.state, secret.state, secret.text, waiting.text) == (State.CANCELLED, State.CANCELLED, "", "слова")
    assert [drop_held(**BY), release_held(**BY)] == [0, 0]
    kinds = list(Event.objects.filter(subject_kind="outbox").order_by("id").values_list("kind", flat=True))
    assert kinds == ["outbox.restored_sent", "outbox.restored_dropped"]
