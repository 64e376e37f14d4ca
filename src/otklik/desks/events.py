"""Events of desks and the help centre, one class for each kind."""

from dataclasses import dataclass
from typing import Any

from otklik.journal.events import TypedEvent, kept_as


@dataclass(frozen=True, kw_only=True)
class _DeskEvent(TypedEvent):
    """Base class of events about a desk."""

    subject = "desk"


@dataclass(frozen=True, kw_only=True)
class DeskAdded(_DeskEvent):
    """A desk was created."""

    kind = "desk.added"

    key: str
    address: str


@dataclass(frozen=True, kw_only=True)
class DeskChanged(_DeskEvent):
    """Values of one row of the settings changed.

    `thing`: a key of commands.settings.CHANGEABLE; `label`: the row's name at that time. `undoes`: the event that this
    undoes, 0 for none.
    """

    kind = "desk.changed"

    thing: str
    row_id: int = kept_as("id")
    label: str
    before: dict[str, Any]
    after: dict[str, Any]
    undoes: int = 0


@dataclass(frozen=True, kw_only=True)
class DeskAddressAdded(_DeskEvent):
    """A further address now receives mail for the desk."""

    kind = "desk.address_added"

    address: str


@dataclass(frozen=True, kw_only=True)
class RoleSet(_DeskEvent):
    """The person got this role at the desk."""

    kind = "desk.role_set"

    person: int
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleTaken(_DeskEvent):
    """The person no longer works at the desk."""

    kind = "desk.role_taken"

    person: int


@dataclass(frozen=True, kw_only=True)
class SiteRoleTaken(TypedEvent):
    """The person is no longer a site administrator."""

    kind = "person.site_role_taken"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class SwitchedOff(TypedEvent):
    """The person was deactivated."""

    kind = "person.switched_off"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class SwitchedOn(TypedEvent):
    """The person was reactivated."""

    kind = "person.switched_on"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class CenterChanged(TypedEvent):
    """The help centre's announcement changed."""

    kind = "center.changed"
    subject = "center"

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ResolutionsChanged(TypedEvent):
    """The site's list of resolutions changed: a new row, or new values of this row."""

    kind = "site.resolutions_changed"
    subject = "resolution"

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class IssueTypesChanged(TypedEvent):
    """The site's list of issue types changed: a new row, or new values of this row."""

    kind = "site.issue_types_changed"
    subject = "issuetype"

    before: dict[str, Any]
    after: dict[str, Any]
