"""Events of desks and the help centre, one class for each kind."""

from dataclasses import dataclass
from typing import Any

from otklik.journal.events import TypedEvent, kept_as


@dataclass(frozen=True, kw_only=True)
class _DeskEvent(TypedEvent):
    """An event of a desk."""

    subject = "desk"


@dataclass(frozen=True, kw_only=True)
class DeskAdded(_DeskEvent):
    """A new desk with its address."""

    kind = "desk.added"

    key: str
    address: str


@dataclass(frozen=True, kw_only=True)
class DeskChanged(_DeskEvent):
    """A row of its settings has other values: `thing` names the table, `label` is what the row was called then.

    `undoes`: the event that this takes back, 0 for none.
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
    """Mail to another address comes here too."""

    kind = "desk.address_added"

    address: str


@dataclass(frozen=True, kw_only=True)
class RoleSet(_DeskEvent):
    """The person works here in this role."""

    kind = "desk.role_set"

    person: int
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleTaken(_DeskEvent):
    """The person works here no longer."""

    kind = "desk.role_taken"

    person: int


@dataclass(frozen=True, kw_only=True)
class SiteRoleTaken(TypedEvent):
    """The person runs the site no longer."""

    kind = "person.site_role_taken"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class SwitchedOff(TypedEvent):
    """The person can no longer log in or act."""

    kind = "person.switched_off"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class SwitchedOn(TypedEvent):
    """The person can log in again."""

    kind = "person.switched_on"
    subject = "person"


@dataclass(frozen=True, kw_only=True)
class CenterChanged(TypedEvent):
    """The help centre says something else above all desks."""

    kind = "center.changed"
    subject = "center"

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ResolutionsChanged(TypedEvent):
    """The site's list of resolutions has another row, or this row other values."""

    kind = "site.resolutions_changed"
    subject = "resolution"

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class IssueTypesChanged(TypedEvent):
    """The site's list of issue types has another row, or this row other values."""

    kind = "site.issue_types_changed"
    subject = "issuetype"

    before: dict[str, Any]
    after: dict[str, Any]
