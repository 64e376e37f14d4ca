"""A text sent after the session had ended is in its composer after the login (RL-36)."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from otklik.desks.models import Transition, TypeGroup
from otklik.people.actor import Actor
from otklik.people.models import Person
from otklik.portal.view_access import COMPOSERS as CUSTOMERS
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.drafts import owner_mark
from otklik.tickets.models import Draft
from otklik.workspace.lost_access_text import COMPOSERS as AGENTS
from tests.cast import PASSWORD, Cast
from tests.portal.helpers import card, form

WORDS = "Слова, которые писали полчаса"
LOGIN = "/servicedesk/customer/user/login"
Sent = tuple[Person, str, dict[str, str]]


def step(cast: Cast) -> int:
    return Transition.objects.get(desk=cast.desk, name="Закрыть").pk


def rated(cast: Cast) -> Sent:
    row = Transition.objects.get(pk=step(cast))
    change_status(actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, transition=row)
    return cast.anna, card(cast, "/rating"), {"words": WORDS, "draft.place": f"rating:{cast.ticket.pk}"}


def approval(cast: Cast, answer: str) -> Sent:
    asked = ask_approval(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), ticket=cast.ticket, people=[cast.boris], rule="one"
    )
    return (
        cast.boris,
        card(cast, f"/approval/{asked.pk}/{answer}"),
        {"words": WORDS, "draft.place": f"approval:{asked.pk}"},
    )


def edited(cast: Cast, who: Person) -> str:
    cast.desk.edit_minutes = 60
    cast.desk.save()
    via = "agent" if who == cast.agent else "portal"
    said = comment(actor=Actor(who, via), at=timezone.now(), ticket=cast.ticket, words=Words("Своё"))
    return f"/browse/ACCREDO-1/messages/{said.pk}/edit" if via == "agent" else card(cast, f"/message/{said.pk}/edit")


def in_group(cast: Cast) -> str:
    kind = cast.desk.request_types.order_by("position")[0]
    group = TypeGroup.objects.create(desk=cast.desk, name="Группа")
    group.types.add(kind)
    return f"/servicedesk/customer/portal/{cast.desk.pk}/group/{group.pk}/create/{kind.pk}"


PORTAL: dict[str, Callable[[Cast], Sent]] = {
    "create": lambda cast: (cast.anna, form(cast), {"summary": WORDS}),
    "create_in_group": lambda cast: (cast.anna, in_group(cast), {"summary": WORDS}),
    "comment": lambda cast: (cast.anna, card(cast, "/comment"), {"comment": WORDS}),
    "transition": lambda cast: (cast.anna, card(cast, f"/transition/{step(cast)}"), {"comment": WORDS}),
    "rate": rated,
    "approve": lambda cast: approval(cast, "approve"),
    "decline": lambda cast: approval(cast, "decline"),
    "edit_message": lambda cast: (cast.anna, edited(cast, cast.anna), {"comment": WORDS}),
}
CREATE = "/projects/ACCREDO/create"
WORKSPACE: dict[str, Callable[[Cast], Sent]] = {
    "reply": lambda cast: (cast.agent, "/browse/ACCREDO-1/reply", {"comment": WORDS}),
    "note": lambda cast: (
        cast.agent,
        "/browse/ACCREDO-1/note",
        {"comment": WORDS, "draft.place": f"note:{cast.ticket.pk}"},
    ),
    "ask_approval": lambda cast: (
        cast.agent,
        "/browse/ACCREDO-1/approvals",
        {"question": WORDS, "draft.place": f"question:{cast.ticket.pk}"},
    ),
    "create": lambda cast: (cast.agent, CREATE, {"subject": WORDS}),
    "caller": lambda cast: (cast.agent, f"{CREATE}/caller", {"subject": WORDS}),
    "create_fields": lambda cast: (cast.agent, f"{CREATE}/fields", {"subject": WORDS}),
    "edit_message": lambda cast: (cast.agent, edited(cast, cast.agent), {"comment": WORDS}),
    "forward": lambda cast: (
        cast.agent,
        f"/browse/ACCREDO-1/messages/{cast.ticket.messages.get(opening=True).pk}/forward",
        {"comment": WORDS, "address": "repairs@supplier.test"},
    ),
}


@pytest.mark.parametrize(
    "sent", [*PORTAL.values(), *WORKSPACE.values()], ids=[*PORTAL, *(f"ws_{n}" for n in WORKSPACE)]
)
def test_rl_36_words_sent_after_the_session_had_ended_stand_in_their_composer(
    cast: Cast, sent: Callable[[Cast], Sent]
) -> None:
    who, address, words = sent(cast)
    client = Client()
    goal = parse_qs(urlsplit(client.post(address, words)["Location"]).query)["next"][0]
    assert "Написанное сохранено" in client.get(f"{LOGIN}?next={goal}").content.decode()
    assert client.post(LOGIN, {"login": who.email, "password": PASSWORD, "next": goal})["Location"] == goal
    assert WORDS in client.get(goal).content.decode()


def test_ab_47_words_of_one_person_are_not_brought_to_the_next_who_logs_in(cast: Cast) -> None:
    """The page was shown to Anna; Boris, who may read the same request, logs in at the same browser."""
    client = Client()
    goal = card(cast)
    client.post(card(cast, "/comment"), {"comment": WORDS, "draft.owner": owner_mark(cast.anna)})
    client.post(LOGIN, {"login": cast.boris.email, "password": PASSWORD, "next": goal})
    page = client.get(goal)
    assert page.status_code == 200 and WORDS not in page.content.decode()
    assert not Draft.objects.filter(person=cast.boris).exists()
    client.post("/servicedesk/customer/user/logout")
    client.post(LOGIN, {"login": cast.anna.email, "password": PASSWORD, "next": goal})
    assert not Draft.objects.filter(person=cast.anna).exists(), "they are gone"


def test_nothing_is_said_to_be_kept_where_nothing_was_written(cast: Cast) -> None:
    client = Client()
    client.post(card(cast, "/notifications"), {"muted": "1"})
    assert "Написанное сохранено" not in client.get(LOGIN).content.decode()


def test_every_composer_is_tried_here() -> None:
    """`answer_by_link` requires no login (tests/portal/test_approval_words.py)."""
    assert set(CUSTOMERS) - {"answer_by_link"} == set(PORTAL) and set(AGENTS) == set(WORKSPACE)
