"""Filters for the people whom a reply leaves out."""

from collections.abc import Iterable
from typing import Any

from django import template

from otklik.workspace.pages.ticket import OnTicket

register = template.Library()


@register.filter
def chosen_in(person: int, values: Iterable[Any] | None) -> bool:
    """Return whether the person's id is among the values of a field, as typed or stored."""
    return str(person) in {str(value) for value in values or ()}


@register.filter
def named_among(people: Iterable[int], participants: Iterable[OnTicket]) -> str:
    """Return the names of these people (ids), as far as they are on the ticket."""
    wanted = set(people)
    return ", ".join(participant.name for participant in participants if participant.person_id in wanted)
