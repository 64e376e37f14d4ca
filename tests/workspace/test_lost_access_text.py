"""A text written on a ticket that is moved to another desk meanwhile is returned to its author."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from otklik.desks.commands.create import set_role
from otklik.people.actor import system
from otklik.tickets.commands.move import move_ticket
from otklik.tickets.models import Message
from tests.acting import by
from tests.cast import START, Cast
from tests.workspace.helpers import as_, composer, page_of

WORDS = "Протокол № 5 <b>готов</b>"


@pytest.fixture
def moved(cast: Cast) -> dict[str, str]:
    """Return what the agent's composer contained when a colleague moved the ticket away."""
    typed: dict[str, str] = composer(as_(cast.agent), cast.ticket, WORDS)
    set_role(actor=system("cli"), at=START, desk=cast.other_desk, person=cast.lead, role="agent")
    kind = cast.other_desk.request_types.order_by("position")[0]
    move_ticket(**by(cast.lead), ticket=cast.ticket, desk=cast.other_desk, request_type=kind)
    return typed


@pytest.mark.parametrize("act", ["reply", "note"])
def test_words_for_a_request_that_was_moved_away_come_back(cast: Cast, moved: dict[str, str], act: str) -> None:
    agent, before = as_(cast.agent), Message.objects.count()
    answer = agent.post(f"/browse/ACCREDO-1/{act}", moved)
    page = page_of(answer)
    assert answer.status_code == 404 and "не сохранено" in page
    assert "Протокол № 5 &lt;b&gt;готов&lt;/b&gt;</textarea>" in page
    assert "OTHER" not in page and "Файлы не сохранены" not in page and Message.objects.count() == before
    file = SimpleUploadedFile("a.txt", b"a")
    assert "Файлы не сохранены" in page_of(agent.post(f"/browse/ACCREDO-1/{act}", {**moved, "attachments": file}))


def test_nothing_is_told_of_whether_there_is_such_a_request(cast: Cast, moved: dict[str, str]) -> None:
    agent = as_(cast.agent)
    pages = {page_of(agent.post(f"/browse/{key}/reply", moved)) for key in ("ACCREDO-1", "OTHER-1", "NONE-77")}
    assert len(pages) == 1
    assert page_of(agent.post("/browse/ACCREDO-1/reply", {"comment": " "})) == page_of(agent.get("/browse/NONE-77"))
    assert WORDS not in page_of(as_(cast.anna).post("/browse/ACCREDO-1/reply", moved))
