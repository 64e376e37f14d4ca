"""Actions that reach other people offer an undo on the next page, once; others do not."""

import re
import time
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from otklik.mail.models import InboundMail
from otklik.tickets.commands.comment import hold_comment
from otklik.tickets.commands.forward import note_answer
from otklik.tickets.commands.requester import RequesterUndo, note_claims
from otklik.tickets.content import Words
from otklik.tickets.models import Message, Participant, Ticket
from otklik.workspace.undo_offer import former_requester, sign_data, signed_off, verified_data
from tests.cast import Cast
from tests.portal.helpers import inbound_mail
from tests.refusing import refused_as
from tests.tickets.commands.test_forward_message import OUTSIDE, sent
from tests.workspace.helpers import as_, page_of
from tests.workspace.test_ledger_acts import URL, came, held

TICKET, REQUESTER = "/browse/ACCREDO-1", "/browse/ACCREDO-1/requester"


def taken_back(client: Client, page: str) -> HttpResponse:
    """Press the undo button of the page."""
    form = re.search(r'<form class="undo-line.*?</form>', page, re.DOTALL)
    assert form is not None
    action = re.search(r'action="([^"]*)"', form[0])
    assert action is not None
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return client.post(action[1], {name: unescape(value) for name, value in fields})


def fresh(cast: Cast) -> Ticket:
    return Ticket.objects.select_related("requester").get(pk=cast.ticket.pk)


def on_it(cast: Cast) -> set[str]:
    links = Participant.objects.filter(ticket=cast.ticket, removed_at=None)
    return set(links.values_list("person__email", flat=True))


@pytest.mark.parametrize("leaves", [{}, {"former_leaves": "1"}])
def test_the_former_requester_is_one_click_away(cast: Cast, home: object, leaves: dict[str, str]) -> None:
    agent, before = as_(cast.agent), on_it(cast)
    agent.post(REQUESTER, {"new": "somebody@clinic.test", "before": str(cast.anna.pk), **leaves})
    assert fresh(cast).requester != cast.anna
    page = page_of(agent.get(TICKET))
    assert f"Вернуть запрос: {cast.anna.display_name}" in page
    assert taken_back(agent, page).status_code == 302
    assert fresh(cast).requester == cast.anna and on_it(cast) == before
    assert "undo-line" not in page_of(agent.get(TICKET))


def test_who_was_on_the_request_before_stays_when_it_is_given_back(cast: Cast, home: object) -> None:
    agent, before = as_(cast.agent), on_it(cast)
    agent.post(REQUESTER, {"choose": str(cast.boris.pk), "before": str(cast.anna.pk)})
    assert fresh(cast).requester == cast.boris
    taken_back(agent, page_of(agent.get(TICKET)))
    assert fresh(cast).requester == cast.anna and on_it(cast) == before


def test_whoever_joined_late_reads_as_little_as_before(cast: Cast, home: object) -> None:
    boris = Participant.objects.filter(ticket=cast.ticket, person=cast.boris)
    later = timezone.now() - timedelta(minutes=5)
    boris.update(sees_from=later)
    agent = as_(cast.agent)
    agent.post(REQUESTER, {"choose": str(cast.boris.pk), "before": str(cast.anna.pk)})
    assert boris.get().sees_from is None
    taken_back(agent, page_of(agent.get(TICKET)))
    assert fresh(cast).requester == cast.anna and boris.get().sees_from == later


@pytest.fixture
def claimed(cast: Cast, home: object) -> Message:
    """Return the opening of the cast's ticket, with an automatic mail that names somebody else as its author."""
    row = inbound_mail()
    InboundMail.objects.filter(pk=row.pk).update(silent=True)
    Message.objects.filter(ticket=cast.ticket, opening=True).update(inbound=row)
    message = Message.objects.get(ticket=cast.ticket, opening=True)
    note_claims(message=message, claims=[("real@clinic.test", "Рая"), ("boris@clinic.test", "Борис")])
    return message


@pytest.mark.parametrize("address", ["real@clinic.test", "boris@clinic.test"])
def test_a_claimed_author_is_taken_back_with_all_that_followed(cast: Cast, claimed: Message, address: str) -> None:
    agent, before = as_(cast.agent), on_it(cast)
    links = Participant.objects.filter(ticket=cast.ticket)
    boris = links.get(person=cast.boris).sees_from
    agent.post(f"{TICKET}/messages/{claimed.pk}/claim", {"address": address})
    assert fresh(cast).requester != cast.anna and links.get(person=cast.anna).muted
    taken_back(agent, page_of(agent.get(TICKET)))
    assert fresh(cast).requester == cast.anna and on_it(cast) == before
    assert Message.objects.get(pk=claimed.pk).author == cast.anna
    assert not links.get(person=cast.anna).muted and links.get(person=cast.boris).sees_from == boris


def test_what_a_page_wrote_more_than_a_week_ago_gives_nothing_back(
    cast: Cast, home: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood, now = RequesterUndo(cast.ticket.pk, cast.anna.pk, None, cast.boris.pk, None), time.time()
    said = former_requester(cast.ticket, stood).fields["stood"]
    for days, counts in ((6.9, True), (7.1, False)):
        monkeypatch.setattr("django.core.signing.time.time", lambda days=days: now + days * 24 * 3600)
        if counts:
            assert signed_off(said).former == cast.anna.pk
        else:
            with refused_as("ticket.person_not_chosen"):
                signed_off(said)


def test_what_a_page_sealed_more_than_a_week_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = time.time(), sign_data({"desk_id": 1})
    for days, counts in ((6.9, True), (7.1, False)):
        monkeypatch.setattr("django.core.signing.time.time", lambda days=days: now + days * 24 * 3600)
        if counts:
            assert verified_data(said) == {"desk_id": 1}
        else:
            with refused_as("ticket.former_value_gone"):
                verified_data(said)
    for forged in ("", "x", said + "x"):
        with refused_as("ticket.former_value_gone"):
            verified_data(forged)


@pytest.mark.parametrize("said", ["", "x", "eyJ4IjoxfQ:1:2"])
def test_what_no_page_wrote_gives_nothing_back(cast: Cast, home: object, said: str) -> None:
    assert as_(cast.agent).post(REQUESTER, {"choose": str(cast.boris.pk), "stood": said}).status_code == 422
    assert fresh(cast).requester == cast.anna


def test_what_was_of_another_request_gives_nothing_back(cast: Cast, home: object) -> None:
    agent = as_(cast.agent)
    agent.post(REQUESTER, {"choose": str(cast.boris.pk), "before": str(cast.anna.pk)})
    said = re.search(r'name="stood" value="([^"]*)"', page_of(agent.get(TICKET)))
    other = Ticket.objects.get(pk=came(cast, text="Другое").ticket_id or 0)
    asked = other.requester
    assert said is not None
    page = agent.post(f"/browse/{other.key}/requester", {"choose": str(cast.anna.pk), "stood": unescape(said[1])})
    assert page.status_code == 422
    other.refresh_from_db()
    assert other.requester == asked


def test_what_a_colleague_set_since_is_not_overwritten(cast: Cast, home: object) -> None:
    agent = as_(cast.agent)
    agent.post(REQUESTER, {"new": "somebody@clinic.test", "before": str(cast.anna.pk)})
    page = page_of(agent.get(TICKET))
    as_(cast.lead).post(REQUESTER, {"new": "another@clinic.test"})
    assert taken_back(agent, page).status_code == 422
    requester = fresh(cast).requester
    assert requester is not None and requester.email == "another@clinic.test"


def test_who_was_admitted_with_a_mail_can_be_taken_off_again(cast: Cast, home: object) -> None:
    row, before = inbound_mail(), on_it(cast)
    InboundMail.objects.filter(pk=row.pk).update(from_address="masha65@mail.test")
    held = hold_comment(
        at=timezone.now(),
        ticket=cast.ticket,
        words=Words("Удержанное"),
        claimed_author="masha65@mail.test",
        inbound=row,
        why="",
    )
    agent = as_(cast.agent)
    agent.post(f"{TICKET}/messages/{held.pk}/admit", {"join": "1"})
    assert on_it(cast) == before | {"masha65@mail.test"}
    page = page_of(agent.get(TICKET))
    assert "Задержать снова и убрать из запроса: masha65@mail.test" in page
    taken_back(agent, page)
    assert on_it(cast) == before and Message.objects.get(pk=held.pk).held
    agent.post(f"{TICKET}/messages/{held.pk}/admit", {})
    page = page_of(agent.get(TICKET))
    assert (
        "Задержать снова</button>" in page.replace("\n", "").replace("      ", "")
        and "masha65@mail.test</button>" not in page
    )
    taken_back(agent, page)
    assert Message.objects.get(pk=held.pk).held and on_it(cast) == before
    page = page_of(agent.get(TICKET))
    assert "Сообщение снова видят только сотрудники." in page and "undo-line" not in page


@pytest.fixture
def mailed(cast: Cast, home: object) -> Message:
    """Return a comment on the cast's ticket that came by mail."""
    mail = came(cast, text="Words by mail")
    as_(cast.agent).post(f"{URL}/{mail.pk}/attach", {"ticket": cast.ticket.key})
    return Message.objects.get(inbound=mail)


def test_a_message_split_off_goes_back(cast: Cast, mailed: Message) -> None:
    agent = as_(cast.agent)
    made = agent.post(f"{TICKET}/messages/{mailed.pk}/split")["Location"]
    assert Message.objects.get(inbound=mailed.inbound).ticket.key == made.removeprefix("/browse/") != "ACCREDO-1"
    page = page_of(agent.get(made))
    assert "Вернуть в ACCREDO-1" in page
    assert taken_back(agent, page)["Location"].startswith(f"{TICKET}#message-")
    assert Message.objects.get(inbound=mailed.inbound).ticket == cast.ticket
    assert "undo-line" not in page_of(agent.get(TICKET))


def test_a_message_moved_goes_back_and_one_that_was_held_does_not(cast: Cast, mailed: Message) -> None:
    agent, other = as_(cast.agent), came(cast, text="Другое дело", sender="Ян <yan@clinic.test>")
    target = Ticket.objects.get(pk=other.ticket_id or 0).key
    agent.post(f"{TICKET}/messages/{mailed.pk}/move", {"to": target})
    page = page_of(agent.get(f"/browse/{target}"))
    assert "Вернуть в ACCREDO-1" in page
    taken_back(agent, page)
    assert Message.objects.get(inbound=mailed.inbound).ticket == cast.ticket


@pytest.mark.parametrize("act", ["move", "split"])
def test_a_message_that_was_held_does_not_go_back_for_it_would_be_let_in(cast: Cast, home: object, act: str) -> None:
    agent, other = as_(cast.agent), came(cast, text="Другое дело")
    target = Ticket.objects.get(pk=other.ticket_id or 0).key
    message = Message.objects.get(inbound=held(cast))
    there = agent.post(f"{TICKET}/messages/{message.pk}/{act}", {"to": target})["Location"]
    assert Message.objects.get(inbound=message.inbound).ticket.key != "ACCREDO-1"
    assert "undo-line" not in page_of(agent.get(there.partition("#")[0]))


@pytest.mark.parametrize("act", ["move", "split"])
def test_ab_48_an_answer_from_outside_does_not_go_back_for_it_would_be_public(
    cast: Cast, home: object, act: str
) -> None:
    agent, other = as_(cast.agent), came(cast, text="Другое дело")
    target = Ticket.objects.get(pk=other.ticket_id or 0).key
    note = note_answer(
        at=timezone.now(), forward=sent(cast), words=Words("Завтра"), claimed_author=OUTSIDE,
        inbound=came(cast, text="Завтра", Auto_Submitted="auto-replied"), why="@forwarded",
    )  # fmt: skip
    there = agent.post(f"{TICKET}/messages/{note.pk}/{act}", {"to": target})["Location"]
    assert Message.objects.get(inbound=note.inbound).ticket.key != "ACCREDO-1"
    assert "undo-line" not in page_of(agent.get(there.partition("#")[0]))


def test_the_words_of_an_open_composer_go_along_without_scripts(cast: Cast, home: object) -> None:
    agent = as_(cast.agent)
    agent.post(REQUESTER, {"new": "somebody@clinic.test", "before": str(cast.anna.pk)})
    page = page_of(agent.get(TICKET))
    form = page[page.index('class="undo-line') :]
    action = re.search(r'formaction="([^"]*)"', form)
    assert action is not None and 'form="reply"' in form[: form.index("</form>")]
    address, _, query = unescape(action[1]).partition("?")
    assert address == REQUESTER
    assert dict(parse_qsl(query)).items() >= {"draft.act": "carry", "undo": "1", "choose": str(cast.anna.pk)}.items()
