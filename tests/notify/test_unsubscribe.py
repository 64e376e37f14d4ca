"""The unsubscribe link of a ticket: GET changes nothing, one POST mutes it, another one unmutes it."""

import re

from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from otklik.mail.models import OutboundMail
from otklik.people.actor import Actor
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.fields import remove_participant
from otklik.tickets.content import Words
from otklik.tickets.models import Participant
from tests.cast import Cast
from tests.postoffice import Sink, run_all


def say(people: Cast, sink: Sink) -> None:
    sink.taken.clear()
    comment(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, words=Words("слова"))
    run_all()


def link_in(text: str) -> str:
    found = re.search(r"https?://[^/]+(/servicedesk/customer/unsubscribe/\S+)", text)
    assert found
    return found.group(1)


def test_ab_92_looking_changes_nothing_and_one_click_ends_them(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://desk.test"
    say(people, sink)
    mail = sink.to("boris@clinic.test")[0]
    path = link_in(mail.text)
    assert path in mail.html and str(mail.message["List-Unsubscribe"]).replace(" ", "") == f"<https://desk.test{path}>"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    page = stranger.get(path)
    words = page.content.decode()
    assert page.status_code == 200 and "Не открывается протокол" not in words and "boris@clinic.test" not in words
    say(people, sink)
    assert sink.to("boris@clinic.test")
    assert stranger.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    say(people, sink)
    assert not sink.to("boris@clinic.test") and sink.to("anna@clinic.test")
    assert "Снова присылать" in stranger.get(path).content.decode()
    stranger.post(path, {"resume": "1"})
    say(people, sink)
    assert sink.to("boris@clinic.test")


def test_the_requester_has_the_link_and_no_header(people: Cast, sink: Sink, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://desk.test"
    say(people, sink)
    mail = sink.to("anna@clinic.test")[0]
    assert mail.message["List-Unsubscribe"] is None
    Client().post(link_in(mail.text))
    assert Participant.objects.get(person=people.anna).muted


def test_a_token_of_another_kind_or_of_a_removed_person_opens_nothing(people: Cast, sink: Sink) -> None:
    say(people, sink)
    path = link_in(sink.to("boris@clinic.test")[0].text)
    assert Client().get(f"{path}x").status_code == 404
    assert Client().get(path.replace("unsubscribe", "reopen")).status_code == 404
    remove_participant(actor=Actor(people.agent, "agent"), at=timezone.now(), ticket=people.ticket, person=people.boris)
    assert Client().get(path).status_code == 404 and Client().post(path).status_code == 404


def test_staff_mails_have_no_such_link(people: Cast, sink: Sink) -> None:
    type(people.ticket).objects.filter(pk=people.ticket.pk).update(assignee=people.agent)
    comment(actor=Actor(people.anna, "portal"), at=timezone.now(), ticket=people.ticket, words=Words("Когда?"))
    run_all()
    assert "unsubscribe" not in OutboundMail.objects.get(kind="customer_replied").text
