"""Saving a draft while its text is being sent: no deadlock."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from otklik.core.locks import lock
from otklik.tickets.commands.drafts import Hand, Place, keep_draft, settle_draft
from otklik.tickets.models import Ticket
from tests.cast import build_cast


@pytest.mark.django_db(transaction=True)
def test_saving_a_draft_and_sending_its_words_never_wait_in_a_ring() -> None:
    cast, holds = build_cast(), threading.Event()
    place, words = Place("note", cast.ticket.pk, cast.ticket.pk), {"comment": ["Слова"]}

    def send() -> None:
        try:
            with transaction.atomic():
                lock(Ticket, cast.ticket.pk)
                holds.set()
                threading.Event().wait(1)
                settle_draft(person=cast.agent, at=timezone.now(), place=place, words=words, by=Hand("one", 2))
        finally:
            connection.close()

    def save() -> None:
        try:
            assert holds.wait(20)
            keep_draft(person=cast.agent, at=timezone.now(), place=place, words=words, files={}, by=Hand("one", 1))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(send), pool.submit(save)]:
            done.result(timeout=30)
