"""Events of list exports; their subject is the person who asked."""

from dataclasses import dataclass

from otklik.people.events import PersonEvent


@dataclass(frozen=True, kw_only=True)
class ListExportAsked(PersonEvent):
    """The person requested an export of a filter's tickets."""

    kind = "person.list_export_asked"
    export: int
    jql: str


@dataclass(frozen=True, kw_only=True)
class ListExportDropped(PersonEvent):
    """The person deleted the export."""

    kind = "person.list_export_dropped"
    export: int
