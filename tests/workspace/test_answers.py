"""Staff reads and changes the answers to a form."""

from otklik.desks.models import Field
from otklik.journal.models import Event
from otklik.tickets.models import Ticket
from tests.cast import Cast
from tests.workspace.helpers import as_, page_of

URL = "/browse/ACCREDO-1/answers"


def browser_field(cast: Cast) -> Field:
    return Field.objects.get(request_type__desk=cast.desk, label="Браузер")


def test_an_answer_is_changed_and_the_journal_says_what(cast: Cast) -> None:
    agent, row = as_(cast.agent), browser_field(cast)
    assert agent.post(URL, {row.key: "2"}).status_code == 302
    assert Ticket.objects.get(pk=cast.ticket.pk).answers == {row.key: "2"}
    event = Event.objects.latest("id")
    assert event.kind == "ticket.answers_changed"
    assert event.data["changes"] == [{"field": row.key, "label": "Браузер", "before": "", "after": "Chrome"}]
    page = page_of(agent.get("/browse/ACCREDO-1"))
    assert "Браузер: — → Chrome" in page
    agent.post(URL, {row.key: ""})
    assert Ticket.objects.get(pk=cast.ticket.pk).answers == {}


def test_nothing_changed_is_no_event(cast: Cast) -> None:
    before = Event.objects.count()
    as_(cast.agent).post(URL, {})
    assert Event.objects.count() == before


def test_what_is_wrong_is_refused(cast: Cast) -> None:
    response = as_(cast.agent).post(URL, {browser_field(cast).key: "77"})
    assert response.status_code == 422 and Ticket.objects.get(pk=cast.ticket.pk).answers == {}


def test_an_archived_field_keeps_its_words(cast: Cast) -> None:
    row = browser_field(cast)
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: "2"})
    row.archived = True
    row.options[1]["archived"] = True
    row.save()
    assert "Chrome" in page_of(as_(cast.agent).get("/browse/ACCREDO-1"))


def test_the_form_asks_what_is_answered_in_words_and_in_use(cast: Cast) -> None:
    """Files and fields shown elsewhere on the page are left out; retired fields appear only if answered."""
    row, agent = browser_field(cast), as_(cast.agent)
    Field.objects.create(
        request_type=row.request_type, key="paper", kind=Field.Kind.ATTACHMENT, label="Снимок", position=90
    )
    asked = {name: f'name="{name}"' for name in ("summary", "description", "attachments", "paper", row.key)}
    page = page_of(agent.get(URL))
    assert [name for name, box in asked.items() if box in page] == [row.key]
    row.archived = True
    row.save()
    assert asked[row.key] not in page_of(agent.get(URL))
    Ticket.objects.filter(pk=cast.ticket.pk).update(answers={row.key: "2"})
    assert asked[row.key] in page_of(agent.get(URL))
    assert agent.post(URL, {"summary": "подменено", "paper": "x", row.key: "2"}).status_code == 302
    now = Ticket.objects.get(pk=cast.ticket.pk)
    assert (now.answers, now.subject) == ({row.key: "2"}, cast.ticket.subject)
