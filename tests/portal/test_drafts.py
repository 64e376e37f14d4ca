"""Drafts of every composer over HTTP: owners, places, and what they survive."""

import json
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from otklik.core import blobs
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.privacy.archive import personal_archive
from otklik.privacy.erase import erase_person
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.content import Words
from otklik.tickets.models import Draft, Message, Vote
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import as_, card, form

DRAFTS, LOGIN = "/servicedesk/customer/user/drafts", "/servicedesk/customer/user/login"
SCRIPT = {"X-Draft": "1"}
WORDS = "Недописанное"


def log_in(client: Client, person: Person, goal: str) -> str:
    """Log in on the login page; return the page that follows."""
    client.post(LOGIN, {"login": person.email, "password": PASSWORD, "next": goal})
    return client.get(goal).content.decode()


def parts(page: str) -> dict[str, dict[str, str]]:
    """Return the draft fields of each composer on a page, by its place."""
    found, last = dict[str, dict[str, str]](), dict[str, str]()
    for name, value in re.findall(r'name="(draft\.\w+)" value="([^"]*)"', page):
        if name == "draft.place":
            last = found[value] = {}
        if name != "draft.act":
            last[name] = value
    return found


def places(cast: Cast) -> dict[str, str]:
    """Return the place of one composer of each kind, and who may write there."""
    own = comment(actor=Actor(cast.anna, "portal"), at=timezone.now(), ticket=cast.ticket, words=Words("Своё"))
    asked = ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[cast.boris], rule="one"
    )
    kind = cast.desk.request_types.order_by("position")[0]
    return {
        f"comment:{cast.ticket.pk}": "anna boris agent",
        f"rating:{cast.ticket.pk}": "anna boris agent",
        f"reply:{cast.ticket.pk}": "agent",
        f"note:{cast.ticket.pk}": "agent",
        f"question:{cast.ticket.pk}": "agent",
        f"call:{cast.desk.pk}": "agent",
        f"request:{kind.pk}": "anna boris agent stranger agent_elsewhere",
        f"edit:{own.pk}": "anna",
        f"approval:{asked.pk}": "boris",
    }


def test_ab_44_a_draft_is_kept_only_where_its_writer_may_open_the_page(cast: Cast) -> None:
    typed = {"comment": WORDS, "words": WORDS, "summary": WORDS, "subject": WORDS, "question": WORDS}
    for place, allowed in places(cast).items():
        for who in ("anna", "boris", "agent", "stranger", "agent_elsewhere"):
            answer = as_(getattr(cast, who)).post(DRAFTS, {**typed, "draft.place": place}, headers=SCRIPT)
            assert answer.status_code == (200 if who in allowed.split() else 404), (place, who)


@pytest.mark.parametrize(
    "place", ["", "comment", "comment:", "comment:x", "comment:999999999", "nothing:1", "reply:-1"]
)
def test_a_place_that_is_none_is_not_found(cast: Cast, place: str) -> None:
    assert as_(cast.agent).post(DRAFTS, {"comment": WORDS, "draft.place": place}).status_code == 404


def test_nobody_sees_the_draft_of_another(cast: Cast) -> None:
    as_(cast.anna).post(DRAFTS, {"comment": WORDS, "draft.place": f"comment:{cast.ticket.pk}"})
    assert WORDS in as_(cast.anna).get(card(cast)).content.decode()
    for other in (cast.boris, cast.agent, cast.admin):
        assert WORDS not in as_(other).get(card(cast)).content.decode()
        assert WORDS not in as_(other).get(DRAFTS, {"place": f"comment:{cast.ticket.pk}"}).content.decode()


def test_choices_alone_are_no_draft(cast: Cast) -> None:
    typed = {"draft.place": f"call:{cast.desk.pk}", "priority": "1", "request_type": "1", "subject": " "}
    as_(cast.agent).post(DRAFTS, typed)
    assert not Draft.objects.exists()


def test_a_script_is_told_how_drafts_stand_and_gets_a_token_that_counts(cast: Cast) -> None:
    anna = Client(enforce_csrf_checks=True)
    anna.force_login(cast.anna)
    place = f"comment:{cast.ticket.pk}"
    said = anna.get(DRAFTS, {"place": place}, headers=SCRIPT).json()
    typed = {"comment": WORDS, "draft.place": place, "draft.writer": "one", "csrfmiddlewaretoken": said["csrf"]}
    answer = anna.post(DRAFTS, typed, headers=SCRIPT)
    assert answer.headers["X-Draft-Version"] == "1" and "Черновик сохранён" in answer.content.decode()
    assert anna.get(DRAFTS, {"place": place}).json()["drafts"] == {place: {"version": 1, "writer": "one"}}
    assert Client().get(DRAFTS, {"place": place}, headers=SCRIPT).status_code == 401
    assert Client().post(DRAFTS, typed, headers=SCRIPT).status_code == 401


def test_files_alone_are_a_draft_too(cast: Cast, home: Path) -> None:
    anna, place = as_(cast.anna), f"comment:{cast.ticket.pk}"
    file = SimpleUploadedFile("a.txt", b"x", "text/plain")
    answer = anna.post(DRAFTS, {"draft.place": place, "draft.writer": "one", "attachments": file}, headers=SCRIPT)
    assert "Черновик сохранён" in answer.content.decode()
    assert anna.get(DRAFTS, {"place": place}).json()["drafts"] == {place: {"version": 1, "writer": "one"}}
    anna.post(DRAFTS, {"draft.place": place, "draft.act": "discard", "draft.writer": "one"}, headers=SCRIPT)
    assert anna.get(DRAFTS, {"place": place}).json()["drafts"] == {}


def test_twenty_places_are_asked_at_once_and_not_one_more(cast: Cast) -> None:
    anna, place = as_(cast.anna), f"comment:{cast.ticket.pk}"
    anna.post(DRAFTS, {"comment": WORDS, "draft.place": place})
    for before, found in ((19, [place]), (20, [])):
        asked = [*(["nonsense:1"] * before), place]
        assert list(anna.get(DRAFTS, {"place": asked}).json()["drafts"]) == found


@pytest.mark.parametrize("page", ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "", "\\\\evil.test"])
def test_ab_58_a_kept_draft_leads_nowhere_else(cast: Cast, page: str) -> None:
    typed = {"comment": WORDS, "draft.place": f"comment:{cast.ticket.pk}", "draft.page": page}
    assert as_(cast.anna).post(DRAFTS, typed)["Location"] == "/"


def test_a_refused_comment_is_a_draft_with_its_files(cast: Cast, home: Path) -> None:
    anna, file = as_(cast.anna), SimpleUploadedFile("скан.txt", b"abc")
    refused = anna.post(card(cast, "/comment"), {"comment": WORDS + "\0" + "а" * 200_001, "attachments": file})
    assert refused.status_code == 422
    page = anna.get(card(cast)).content.decode()
    assert WORDS in page and "скан.txt" in page and Message.objects.filter(text__contains=WORDS).count() == 0


@pytest.mark.parametrize(
    ("tail", "composer", "name"), [("reply", "reply_comment", "reply"), ("note", "note_comment", "note")]
)
def test_rl_36_an_agents_words_survive_a_session_that_ended(cast: Cast, tail: str, composer: str, name: str) -> None:
    client = Client()
    page = as_(cast.agent).get("/browse/ACCREDO-1").content.decode()
    typed = {**parts(page)[f"{name}:{cast.ticket.pk}"], "comment": WORDS}
    sent = client.post(f"/browse/ACCREDO-1/{tail}", typed)
    assert sent["Location"] == f"{LOGIN}?next=/browse/ACCREDO-1"
    page = log_in(client, cast.agent, "/browse/ACCREDO-1")
    assert re.findall(rf'<textarea[^>]*id="(\w+)"[^>]*>\s*{WORDS}', page) == [composer]
    assert Draft.objects.get().words == {"comment": [WORDS]}


@pytest.mark.parametrize("addresses", ["плохой адрес", "anna@clinic.test", ""])
def test_a_refused_question_to_approvers_stands_in_its_form(cast: Cast, addresses: str) -> None:
    agent, typed = as_(cast.agent), {"addresses": addresses, "question": f"{WORDS}\nвторая строка", "rule": "all"}
    carried = parts(agent.get("/browse/ACCREDO-1").content.decode())[f"question:{cast.ticket.pk}"]
    agent.post("/browse/ACCREDO-1/approvals", {**carried, **typed})
    page = agent.get("/browse/ACCREDO-1").content.decode()
    assert f">{WORDS}\nвторая строка</textarea>" in page and f'name="addresses" value="{addresses}"' in page
    assert 'value="all" selected' in page
    agent.post("/browse/ACCREDO-1/approvals", {**carried, **typed, "addresses": "boris@clinic.test"})
    assert Vote.objects.get().person == cast.boris and not Draft.objects.filter(kind="question").exists()


def test_rl_36_a_question_to_approvers_survives_a_session_that_ended(cast: Cast) -> None:
    client = Client()
    page = as_(cast.agent).get("/browse/ACCREDO-1").content.decode()
    typed = {**parts(page)[f"question:{cast.ticket.pk}"], "addresses": "boris@clinic.test", "question": WORDS}
    client.post("/browse/ACCREDO-1/approvals", typed)
    page = log_in(client, cast.agent, "/browse/ACCREDO-1")
    assert re.findall(rf'<textarea[^>]*id="([\w-]+)"[^>]*>\s*{WORDS}', page) == ["approval-question"]


def test_rl_36_a_note_never_becomes_a_reply_even_without_the_pages_fields(cast: Cast) -> None:
    client = Client()
    client.post("/browse/ACCREDO-1/note", {"comment": WORDS})
    assert WORDS not in log_in(client, cast.agent, "/browse/ACCREDO-1").split('id="note_comment"')[0]


@pytest.mark.parametrize("who", ["boris", "agent"])
def test_words_carried_over_the_login_are_only_their_writers(cast: Cast, who: str) -> None:
    client = Client()
    page = as_(cast.anna).get(card(cast)).content.decode()
    client.post(card(cast, "/comment"), {**parts(page)[f"comment:{cast.ticket.pk}"], "comment": WORDS})
    assert WORDS not in log_in(client, getattr(cast, who), card(cast))
    client.logout()
    assert WORDS not in log_in(client, cast.anna, card(cast))
    assert not Draft.objects.exists()


def test_a_session_that_ended_for_its_age_keeps_the_words_for_its_owner(cast: Cast) -> None:
    client = as_(cast.anna)
    page = client.get(card(cast)).content.decode()
    session = client.session
    session["otklik"] = {**session["otklik"], "seen": time.time() - 400 * 86400}
    session.save()
    client.post(card(cast, "/comment"), {**parts(page)[f"comment:{cast.ticket.pk}"], "comment": WORDS})
    assert Draft.objects.get(person=cast.anna).words == {"comment": [WORDS]}
    # In whatever browser the person comes back.
    assert WORDS in as_(cast.anna).get(card(cast)).content.decode()


@pytest.mark.parametrize("logged_in", [True, False])
def test_an_old_token_costs_no_words(cast: Cast, logged_in: bool) -> None:
    client = Client(enforce_csrf_checks=True)
    page = as_(cast.anna).get(card(cast)).content.decode()
    if logged_in:
        client.force_login(cast.anna)
    typed = {**parts(page)[f"comment:{cast.ticket.pk}"], "comment": WORDS}
    refused = client.post(card(cast, "/comment"), typed, headers={"Origin": "http://testserver"})
    assert refused.status_code == 403 and f'href="{card(cast)}"' in refused.content.decode()
    if not logged_in:
        client.handler.enforce_csrf_checks = False
        log_in(client, cast.anna, card(cast))
    assert WORDS in client.get(card(cast)).content.decode()
    assert not Message.objects.filter(text=WORDS).exists()


@pytest.mark.parametrize("origin", [{}, {"Origin": "https://evil.test"}, {"Origin": "null"}])
def test_a_foreign_page_writes_no_draft(cast: Cast, origin: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.anna)
    typed = {"comment": WORDS, "draft.place": f"comment:{cast.ticket.pk}", "draft.page": card(cast)}
    for path in (card(cast, "/comment"), DRAFTS):
        refused = client.post(path, typed, headers=origin)
        assert refused.status_code == 403 and card(cast) not in refused.content.decode()
    assert not Draft.objects.exists() and "unsent_words" not in client.session


def test_a_taken_back_reply_goes_on_as_a_draft(cast: Cast, settings: Any, home: Path) -> None:
    settings.HOLD_SECONDS = 10
    client = as_(cast.agent)
    client.post("/browse/ACCREDO-1/reply", {"comment": "Рано"})
    reply = cast.ticket.pending_replies.get()
    client.post(f"/browse/ACCREDO-1/replies/{reply.pk}/undo")
    place = {"draft.place": f"reply:{cast.ticket.pk}"}
    client.post(DRAFTS, {**place, "comment": "Теперь верно", "draft": reply.pk})
    for address in ("/browse/ACCREDO-1", f"/browse/ACCREDO-1?draft={reply.pk}"):
        page = client.get(address).content.decode()
        assert "Теперь верно</textarea>" in page and f'name="draft" value="{reply.pk}"' in page
    client.post("/browse/ACCREDO-1/reply", {**place, "comment": "Теперь верно", "draft": reply.pk})
    assert (
        not Draft.objects.exclude(words={}).exists() and not cast.ticket.pending_replies.filter(state="draft").exists()
    )


def test_an_answer_to_an_approval_is_kept_and_gone_when_given(cast: Cast) -> None:
    asked = places(cast)
    approval = next(int(place.partition(":")[2]) for place in asked if place.startswith("approval"))
    as_(cast.boris).post(DRAFTS, {"words": WORDS, "draft.place": f"approval:{approval}"})
    page = as_(cast.boris).get(card(cast)).content.decode()
    assert f">{WORDS}</textarea>" in page
    as_(cast.boris).post(card(cast, f"/approval/{approval}/approve"), {"words": WORDS})
    assert Vote.objects.get(approval=approval).words == WORDS and not Draft.objects.exists()


def test_an_archive_holds_the_drafts_and_what_they_replaced(cast: Cast, home: Path) -> None:
    anna, place = as_(cast.anna), {"draft.place": f"comment:{cast.ticket.pk}"}
    anna.post(DRAFTS, {**place, "comment": "прежнее", "draft.writer": "a"})
    anna.post(DRAFTS, {**place, "comment": "новое", "draft.writer": "b"})
    with blobs.open_blob(personal_archive(cast.anna, timezone.now())[0]) as made, zipfile.ZipFile(made) as archive:
        (draft,) = json.loads(archive.read("data.json"))["drafts"]
    assert draft["words"] == {"comment": ["новое"]} and draft["former"] == {"comment": ["прежнее"]}
    assert draft["request"] == "ACCREDO-1"


def test_drafts_of_others_forget_an_erased_person(cast: Cast, home: Path) -> None:
    agent, named = as_(cast.agent), f"Анна Петрова, {cast.anna.email}"
    agent.post(DRAFTS, {"comment": named, "draft.place": f"reply:{cast.ticket.pk}"})
    agent.post(DRAFTS, {"name": "Анна Петрова", "subject": "x", "draft.place": f"call:{cast.desk.pk}"})
    as_(cast.anna).post(DRAFTS, {"comment": "моё", "draft.place": f"comment:{cast.ticket.pk}"})
    erase_person(actor=Actor(cast.admin, "agent"), at=timezone.now(), person=cast.anna, now=True)
    left = str([row.words for row in Draft.objects.all()])
    assert Draft.objects.count() == 2 and "Петров" not in left and "anna@" not in left


def test_a_link_to_the_form_fills_no_name_of_another_person_in(cast: Cast) -> None:
    page = as_(cast.agent).get(form(cast), {"summary": "Из ссылки", "raiseOnBehalfOf": "x@y.test"}).content.decode()
    assert "Из ссылки" in page and "x@y.test" not in page


def test_without_scripts_closing_takes_the_words_into_the_draft(cast: Cast, home: Path) -> None:
    anna = as_(cast.anna)
    page = anna.get(card(cast)).content.decode()
    found = re.search(r'<button class="btn" form="comment" formaction="([^"]+)"[^>]* data-carries>', page)
    assert found
    typed = {**parts(page)[f"comment:{cast.ticket.pk}"], "comment": WORDS, "draft.act": "carry"}
    anna.post(found[1], {**typed, "attachments": SimpleUploadedFile("скан.txt", b"abc")})
    cast.ticket.refresh_from_db()
    assert cast.ticket.status.is_done and not Message.objects.filter(text=WORDS).exists()
    page = anna.get(card(cast)).content.decode()
    assert WORDS in page and "скан.txt" in page
