"""A hundred and fifty tickets with known facts, for tests of JQL."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from otklik.desks.models import CustomField, Priority, Resolution, Status
from otklik.desks.models import Field as FormField
from otklik.people.models import Organization, Person
from otklik.tickets.models import (
    Attachment,
    Change,
    Message,
    Participant,
    Rating,
    SharedOrganization,
    Ticket,
)  # fmt: skip
from tests.cast import START, Cast

COUNT = 150
NOW = START + timedelta(days=20, hours=3, minutes=17)
WORDS = "toner cable router badge scanner camera".split()
LABELS = ["vip", "ККТ", "branch-2"]
NUMBER, TEXT, CHOICE, DAY = "customfield_10501", "customfield_10502", "customfield_10503", "customfield_10504"
OPTIONS = {"1": "North", "2": "South"}


@dataclass
class Facts:
    """The facts of one ticket as plain values; people by their address."""

    key: str
    desk: str
    status: str
    category: str
    resolution: str | None
    priority: str
    level: int
    type: str | None
    assignee: str | None
    reporter: str | None
    creator: str | None
    created: datetime
    updated: datetime
    resolved: datetime | None
    due: date | None
    labels: list[str]
    channel: str
    sender: str
    summary: list[str]
    description: list[str]
    comments: list[list[str]]
    participants: list[str] = field(default_factory=list)
    organizations: list[str] = field(default_factory=list)
    files: bool = False
    rating: int | None = None
    rated: datetime | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    # Field, old value, new value, when and by whom, the oldest first.
    changes: list[tuple[str, str | None, str | None, datetime, str]] = field(default_factory=list)


class World:
    """The generated tickets, by key."""

    def __init__(self, cast: Cast, seed: int, count: int = COUNT) -> None:
        self.cast, self.draw = cast, random.Random(seed)
        self.people = [cast.anna, cast.boris, cast.stranger]
        Person.objects.filter(pk=cast.boris.pk).update(language="en")
        self.staff = [cast.agent, cast.lead]
        self.clinic = Organization.objects.create(name="Клиника №1")
        self.clinic.members.add(cast.anna)
        _fields(cast)
        self.facts: dict[str, Facts] = {}
        numbers = range(100, 100 + count)
        for desk, many in ((cast.desk, count * 4 // 5), (cast.other_desk, count // 5)):
            statuses, priorities = list(desk.statuses.order_by("pk")), list(desk.priorities.order_by("pk"))
            types = list(desk.request_types.order_by("pk"))
            for number in numbers[:many]:
                self._ticket(desk, number, statuses, priorities, types)

    def _ticket(
        self, desk: Any, number: int, statuses: list[Status], priorities: list[Priority], types: list[Any]
    ) -> None:
        draw = self.draw
        history = [draw.choice(statuses) for _ in range(draw.randint(1, 4))]
        history = [
            status_then for place, status_then in enumerate(history) if place == 0 or status_then != history[place - 1]
        ]
        created = START + timedelta(minutes=draw.randrange(18 * 24 * 60))
        at = [created + (NOW - created) * place / (len(history) + 1) for place in range(len(history))]
        status, done = history[-1], history[-1].is_done
        resolution = draw.choice([None, *Resolution.objects.order_by("pk")[:2]]) if done else None
        closed = at[-1] if done else None
        due = draw.choice([None, (created + timedelta(days=draw.randint(1, 9))).date()])
        answers: dict[str, Any] = {}
        for key, value in (
            (NUMBER, draw.choice([1, 2.5, 40])),
            (TEXT, draw.choice(WORDS)),
            (CHOICE, draw.choice("12")),
        ):
            if draw.random() < 0.7:
                answers[key] = value
        if draw.random() < 0.7:
            answers[DAY] = (created + timedelta(days=draw.randint(0, 5))).date().isoformat()
        priority, kind = draw.choice(priorities), draw.choice([None, *types])
        assignee, creator = draw.choice([None, *self.staff]), draw.choice([None, *self.people])
        requester: Person | None = draw.choice([None, *self.people])
        subject, opening = self._words(), self._words()
        ticket = Ticket.objects.create(
            desk=desk, number=number, key=f"{desk.key}-{number}", subject=" ".join(subject), request_type=kind,
            requester=requester, status=status, priority=priority, assignee=assignee, created_by=creator,
            channel=draw.choice(["mail", "portal", "phone"]), sender_unverified=draw.random() < 0.3, due=due,
            resolution=resolution, labels=sorted(draw.sample(LABELS, draw.randint(0, 2))), answers=answers,
            created_at=created,
            updated_at=at[-1] + timedelta(minutes=5), shown_at=at[-1], closed_at=closed,
        )  # fmt: skip
        self.facts[ticket.key] = facts = Facts(
            key=ticket.key, desk=desk.key, status=status.name, category=status.category,
            resolution=resolution and resolution.name, priority=priority.name, level=priority.level,
            type=kind and kind.name, assignee=assignee and assignee.email, reporter=requester and requester.email,
            creator=creator and creator.email, created=created, updated=ticket.updated_at, resolved=closed, due=due,
            labels=ticket.labels, channel=ticket.channel,
            sender="unverified" if ticket.sender_unverified else "verified", summary=subject, description=opening,
            comments=[self._words() for _ in range(draw.randint(0, 2))], answers=answers,
        )  # fmt: skip
        self._around(ticket, facts)
        for before, after, when in zip(history, history[1:], at[1:], strict=False):
            who = draw.choice(self.staff)
            Change.objects.create(
                ticket=ticket, field="status", old_id=before.pk, new_id=after.pk, old=before.name, new=after.name,
                at=when, actor=who,
            )  # fmt: skip
            facts.changes.append(("status", before.name, after.name, when, str(who.email)))

    def _around(self, ticket: Ticket, facts: Facts) -> None:
        draw = self.draw
        opening = Message.objects.create(
            ticket=ticket, opening=True, kind="public", text=" ".join(facts.description), created_at=ticket.created_at
        )
        for words in facts.comments:
            kind = draw.choice(["public", "internal"])
            Message.objects.create(ticket=ticket, kind=kind, text=" ".join(words), created_at=ticket.updated_at)
        for person in draw.sample(self.people, draw.randint(0, 2)):
            removed = ticket.updated_at if draw.random() < 0.3 else None
            Participant.objects.create(
                ticket=ticket, person=person, added_at=ticket.created_at, removed_at=removed, epoch=2 if removed else 1
            )
            if removed is None and person != ticket.requester:
                facts.participants.append(str(person.email))
        if draw.random() < 0.3:
            SharedOrganization.objects.create(ticket=ticket, organization=self.clinic, added_at=ticket.created_at)
            facts.organizations.append(self.clinic.name)
        if draw.random() < 0.3:
            Attachment.objects.create(message=opening, name="a.txt", content_type="text/plain", size=1, digest="0" * 64)
            facts.files = True
        if ticket.closed_at and draw.random() < 0.6:
            facts.rating = draw.randint(1, 5)
            facts.rated = ticket.updated_at
            Rating.objects.create(ticket=ticket, person=self.cast.anna, score=facts.rating, rated_at=facts.rated)

    def _words(self) -> list[str]:
        return self.draw.sample(WORDS, self.draw.randint(1, 3))


def _fields(cast: Cast) -> None:
    kinds = {
        NUMBER: ("Seats", "number"),
        TEXT: ("Device", "text"),
        CHOICE: ("Branch", "choice"),
        DAY: ("Visit", "date"),
    }
    for key, (name, kind) in kinds.items():
        custom = CustomField.objects.create(number=int(key[12:]), desk=cast.desk, name=name, kind=kind)
        options = [{"id": pk, "label": label} for pk, label in OPTIONS.items()] if kind == "choice" else []
        FormField.objects.create(
            request_type=cast.desk.request_types.first(), custom=custom, key=key, kind=kind, label=name, options=options
        )
