"""Events of list exports; their subject is the person who asked."""

from dataclasses import dataclass

from otklik.people.events import PersonEvent


@dataclass(frozen=True, kw_only=True)
class ListExportAsked(PersonEvent):
    """The person takes what a filter finds out as a file."""

    kind = "person.list_export_asked"
    export: int
    jql: str


@dataclass(frozen=True, kw_only=True)
class ListExportDropped(PersonEvent):
    """The person wants it no longer."""

    kind = "person.list_export_dropped"
    export: int
