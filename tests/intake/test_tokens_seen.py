"""API tokens in mails are hidden from other readers and revoked (AB-29, AB-40)."""

import base64

import pytest
from django.utils import timezone

from otklik.intake.leaked_links import shown_mail
from otklik.mail.secret_scan import blanked, for_logs
from otklik.mail.secret_shapes import TOKEN
from otklik.people.actor import Actor, system
from otklik.people.commands.api_tokens import add_token
from otklik.people.models import ApiToken
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import written
from otklik.tickets.models import Message
from tests.cast import Cast, as_
from tests.intake.test_decisions import inject
from tests.portal.helpers import card
from tests.postoffice import letter


def made(cast: Cast) -> str:
    return add_token(actor=system(), at=timezone.now(), person=cast.anna, name="скрипт")[1]


def test_ab_40_a_token_typed_by_its_owner_is_shown_to_nobody(cast: Cast) -> None:
    secret = made(cast)
    words = written(f"мой ключ {secret}, проверьте")
    message = comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=words)
    assert secret not in Message.objects.get(pk=message.pk).text
    assert "проверьте" in message.text
    assert ApiToken.objects.exists(), "nobody but its owner saw it"
    Message.objects.filter(pk=message.pk).update(text=f"от прежней версии {secret}")
    assert secret not in as_(cast.agent).get(f"/browse/{cast.ticket.key}").content.decode()
    assert secret not in as_(cast.boris).get(card(cast)).content.decode()
    assert secret[len(TOKEN) :] not in for_logs(f"GET /x?token={secret}")


@pytest.mark.parametrize(
    "wrapped",
    [
        "{0}",
        "<b>Authorization</b>: Bearer {0}",
        "curl -H 'Authorization: Bearer {0}' https://desk.example",
        '{{"token": "{0}"}}',
        "base64",
    ],
)
def test_ab_40_a_token_that_a_mail_brings_is_revoked_and_hidden(cast: Cast, wrapped: str) -> None:
    secret = made(cast)
    packed = base64.b64encode(f"Bearer {secret}\n".encode() * 3).decode()
    said = packed if wrapped == "base64" else wrapped.format(secret)
    raw = letter(text=f"вот:\n\n{said}\n\nконец")
    mail = inject(raw)
    assert not ApiToken.objects.exists()
    shown = Message.objects.get(inbound=mail).text
    assert secret not in shown and said not in shown and "конец" in shown
    assert secret.encode() not in shown_mail(raw)


def test_words_that_only_begin_so_are_words(cast: Cast) -> None:
    for words in ("otklik_mail_oldest_waiting_seconds 900", "otklik_session=abc", "otklik_" + "а" * 50):
        assert blanked(words) == words
