"""What the menu in a cell of a list offers, read when it is opened."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.desks.access import agents_of
from otklik.people.models import Person
from otklik.tickets.models import Ticket
from otklik.workspace.desk_context import Standing


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of the menu; `value` is posted to `url` under the menu's name."""

    label: str
    value: str
    chosen: bool
    url: str


@dataclass(frozen=True, slots=True)
class Choices:
    """A menu.

    `name`: the field; `before`: what the row sends along to detect conflicts: "value", the shown value, or "version",
    the ticket's.
    """

    name: str
    before: str
    options: list[Choice]


def assignees(ticket: Ticket, person: Person) -> Choices:
    """Return nobody, the person, and the desk's other agents."""
    url = reverse("workspace:assign", args=[ticket.key])
    agents = sorted(agents_of(ticket.desk), key=lambda agent: agent.pk != person.pk)
    options = [Choice(_("nobody"), "", ticket.assignee_id is None, url)]
    for agent in agents:
        label = _("%(name)s (me)") % {"name": agent.staff_name} if agent.pk == person.pk else agent.staff_name
        options.append(Choice(label, str(agent.pk), agent.pk == ticket.assignee_id, url))
    return Choices("assignee", "value", options)


def priorities(ticket: Ticket, stands: Standing) -> Choices:
    """Return the desk's priorities, the most urgent first."""
    url = reverse("workspace:priority", args=[ticket.key])
    lines = stands.parts[ticket.desk_id].priorities
    options = [Choice(line.label, str(line.id), line.id == ticket.priority_id, url) for line in lines]
    return Choices("priority", "value", options)


def moves(ticket: Ticket, stands: Standing) -> Choices:
    """Return the transitions that agents may do from the present status."""
    return Choices("transition", "version", list(_moves(ticket, stands)))


def _moves(ticket: Ticket, stands: Standing) -> Iterator[Choice]:
    for step, target in stands.parts[ticket.desk_id].agents_moves(ticket.status_id):
        label = step.label if step.label == target.label else f"{step.label} → {target.label}"
        yield Choice(label, str(step.id), False, reverse("workspace:transition", args=[ticket.key, step.id]))
