"""Spellings of one mailbox at some providers share one budget (AB-22, ADR 50)."""

from typing import Any

import pytest
from django.utils import timezone

from otklik.mail.models import OutboundMail
from otklik.tickets.commands.unconfirmed import hold_request, is_too_often
from tests.cast import Cast
from tests.notify.test_no_relay import quiet, share
from tests.postoffice import Sink, run_all

__all__ = ["quiet"]


@pytest.mark.parametrize(
    "spelt",
    [
        ("vera.k@gmail.com", "verak@gmail.com", "v.e.r.a.k+1@googlemail.com"),
        ("vera.k@ya.ru", "vera-k@yandex.ru", "VERA-K+x@yandex.com"),
        ("vera_k@proton.me", "vera.k@pm.me", "vera-k@protonmail.com"),
        ("vera.k@icloud.com", "vera.k@me.com", "vera.k@mac.com"),
    ],
)
def test_ab_22_the_spellings_of_one_mailbox_at_a_provider_are_one(
    people: Cast, quiet: Sink, spelt: tuple[str, ...]
) -> None:
    for address in spelt:
        share(people, address)
        run_all()
    assert OutboundMail.objects.filter(caused_by=people.anna.pk).count() == 1
    waiting = [is_too_often(address, timezone.now()) for address in spelt]
    assert waiting == [False] * 3
    _asked_without_account(people, spelt[0])
    assert [is_too_often(address, timezone.now()) for address in spelt] == [True] * 3


def test_a_dot_is_a_letter_where_no_provider_says_otherwise(people: Cast, quiet: Sink) -> None:
    for address in ("vera.k@victim.test", "verak@victim.test"):
        share(people, address)
        run_all()
    assert OutboundMail.objects.filter(caused_by=people.anna.pk).count() == 2


def _asked_without_account(people: Cast, address: str) -> None:
    kind = people.desk.request_types.order_by("position")[0]
    said: dict[str, Any] = {"name": "", "language": "ru", "subject": "x", "text": "x", "answers": {}, "files": []}
    hold_request(at=timezone.now(), request_type=kind, address=address, **said)
