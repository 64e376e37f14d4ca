"""Page data for a desk's settings: the tabs around each page, and the history of changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.desks.commands.settings import CHANGEABLE, changes_of, stands
from otklik.desks.events import DeskChanged
from otklik.desks.models import Desk
from otklik.journal.models import Event
from otklik.ui.paging import Pages, pages_of
from otklik.workspace.pages.settings_history_labels import Names, display_value, label_in, names_in

PER_PAGE = 25
LONGEST_VALUE = 200

# The tabs in order: URL name, label, icon.
TABS: tuple[tuple[str, Promise, str], ...] = (
    ("settings", gettext_lazy("General"), "settings"),
    ("settings_texts", gettext_lazy("Languages"), "language"),
    ("settings_look", gettext_lazy("Look"), "eye"),
    ("settings_types", gettext_lazy("Request types"), "forms"),
    ("settings_groups", gettext_lazy("Groups"), "folder"),
    ("settings_queues", gettext_lazy("Queues"), "list"),
    ("settings_canned", gettext_lazy("Canned answers"), "template"),
    ("settings_statuses", gettext_lazy("Statuses"), "layout-kanban"),
    ("settings_mail", gettext_lazy("Mail"), "mail"),
    ("settings_card", gettext_lazy("Ratings and approvals"), "star"),
    ("settings_overview", gettext_lazy("People, mailboxes, queues"), "users"),
    ("settings_history", gettext_lazy("Change history"), "history"),
)

# Labels of things, and of their fields, in the history.
THINGS: dict[str, Promise] = {
    "desk": gettext_lazy("Desk"),
    "request_type": gettext_lazy("Request type"),
    "group": gettext_lazy("Group"),
    "mail_text": gettext_lazy("Words of the mail"),
    "channel": gettext_lazy("Mail address"),
    "transition": gettext_lazy("Transition"),
    "field": gettext_lazy("Field"),
    "status": gettext_lazy("Status"),
    "priority": gettext_lazy("Priority"),
    "queue": gettext_lazy("Queue"),
    "canned_answer": gettext_lazy("Canned answer"),
}
VALUES: dict[str, Promise] = {
    "edit_minutes": gettext_lazy("Minutes in which one may change or withdraw an own message"),
    "rating_days": gettext_lazy("Days after closing in which the requester may rate the help"),
    "approval_reminder_days": gettext_lazy("Days after which who is asked for an approval is reminded"),
    "approval_links": gettext_lazy("Approvals can be answered by the link of the mail, without login"),
    "on_approved": gettext_lazy("Done when a request is approved"),
    "on_declined": gettext_lazy("Done when a request is declined"),
    "resolution_id": gettext_lazy("Resolution"),
    "approval_rule": gettext_lazy("Approval"),
    "approvers": gettext_lazy("Approvers"),
    "hold_seconds": gettext_lazy("Seconds in which a reply can be taken back"),
    "staff_told": gettext_lazy("Who is told of requests that nobody has"),
    "told_people": gettext_lazy("People who are told of them"),
    "request_type_id": gettext_lazy("Request type of new mail"),
    "issue_type_id": gettext_lazy("Issue type"),
    "mail_name": gettext_lazy("Sender's name"),
    "mail_from": gettext_lazy("Sender's address"),
    "mail_switches": gettext_lazy("Mails switched on or off"),
    "subject": gettext_lazy("Subject"),
    "body": gettext_lazy("Text"),
    "name": gettext_lazy("Title"),
    "phone": gettext_lazy("Phone"),
    "welcome": gettext_lazy("Words of welcome"),
    "question": gettext_lazy("The question above the request types"),
    "announcement": gettext_lazy("Announcement"),
    "phone_script": gettext_lazy("What an agent says on the phone"),
    "language": gettext_lazy("Language"),
    "reopen_days": gettext_lazy("Days in which a reply reopens a request"),
    "activation_mail": gettext_lazy("Invitation to activate the account"),
    "cc_joins": gettext_lazy("People in To and Cc take part"),
    "newcomers_a_day": gettext_lazy("New people whom one customer may bring in within a day"),
    "texts": gettext_lazy("Texts in other languages"),
    "banner_color": gettext_lazy("Colour of the banner"),
    "accent_color": gettext_lazy("Colour of links and buttons"),
    "logo_digest": gettext_lazy("Logo"),
    "anonymous": gettext_lazy("Requests without an account"),
    "on_behalf": gettext_lazy("Requests on behalf of colleagues"),
    "type_order": gettext_lazy("Order of the request types"),
    "group_order": gettext_lazy("Order of the groups"),
    "queue_order": gettext_lazy("Order of the queues"),
    "jql": gettext_lazy("Filter, as it is kept"),
    "typed": gettext_lazy("Filter, as it was typed"),
    "columns": gettext_lazy("Columns"),
    "field_order": gettext_lazy("Order of the fields"),
    "folder": gettext_lazy("Folder"),
    "files": gettext_lazy("Files"),
    "icon": gettext_lazy("Icon"),
    "help": gettext_lazy("Help"),
    "hidden": gettext_lazy("Hidden"),
    "archived": gettext_lazy("Out of use"),
    "removed_at": gettext_lazy("Deleted"),
    "restricted": gettext_lazy("Only for those named"),
    "allowed_people": gettext_lazy("People"),
    "allowed_organizations": gettext_lazy("Organisations"),
    "groups": gettext_lazy("Groups"),
    "types": gettext_lazy("Request types"),
    "label": gettext_lazy("Label"),
    "required": gettext_lazy("Required"),
    "default": gettext_lazy("Default answer"),
    "options": gettext_lazy("Options"),
    "limits": gettext_lazy("Limits"),
    "condition_key": gettext_lazy("Asked only with an answer to"),
    "condition_values": gettext_lazy("Answers that bring it"),
    "further_conditions": gettext_lazy("Further conditions"),
    "signup": gettext_lazy("Registration on the portal"),
    "keep_machine_mail": gettext_lazy("Days for which mail of robots is kept"),
    "keep_originals": gettext_lazy("Days for which originals of mail are kept"),
    "keep_sent": gettext_lazy("Days for which the words of sent mail are kept"),
}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of the settings."""

    name: str
    url: str
    icon: str
    active: bool


@dataclass(frozen=True, slots=True)
class SettingsFrame:
    """The context of `workspace/settings_base.html`, which surrounds each page of the settings."""

    desk_key: str
    desk_name: str
    portal_url: str
    tabs: list[Tab]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One changed field: its label, and both values as text."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history. `undo_url` is "" if the change cannot be undone now."""

    at: datetime
    actor: str
    thing: str
    values: list[ValueChange]
    is_undo: bool
    undo_url: str


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of the history, newest changes first."""

    changes: list[Change]
    pages: Pages


def settings_frame(desk: Desk, active: str) -> SettingsFrame:
    """Return the frame with all tabs. `active`: the URL name, as in TABS, of the present one. No query."""
    tabs = [
        Tab(str(label), reverse(f"workspace:{name}", args=[desk.key]), icon, name == active)
        for name, label, icon in TABS
    ]
    return SettingsFrame(desk.key, desk.name, reverse("portal:desk", args=[desk.pk]), tabs)


def history_page(desk: Desk, *, number: int) -> HistoryPage:
    """Return a page of the desk's changes; `number` counts from 1. Takes a fixed number of queries."""
    events = changes_of(desk).order_by("-id")
    pages = pages_of(number=number, per_page=PER_PAGE, total=events.count(), query={})
    shown = list(events[max(0, pages.first - 1) : pages.last])
    changes = [event.typed for event in shown if isinstance(event.typed, DeskChanged)]
    rows = _rows(changes)
    names = names_in(changes, rows.values())
    lines = [_change(desk, *change, rows, names) for change in zip(shown, changes, strict=True)]
    return HistoryPage(lines, pages)


def _rows(changes: list[DeskChanged]) -> dict[tuple[str, int], Any]:
    """Return the changed rows by (thing, id), one query for each kind of thing. Deleted rows are left out."""
    wanted: dict[str, set[int]] = {}
    for change in changes:
        wanted.setdefault(change.thing, set()).add(change.row_id)
    instances = {}
    for thing, ids in wanted.items():
        for instance in CHANGEABLE[thing][0]._default_manager.filter(pk__in=ids):
            instances[thing, instance.pk] = instance
    return instances


def _change(desk: Desk, event: Event, change: DeskChanged, rows: Mapping[tuple[str, int], Any], names: Names) -> Change:
    instance = rows.get((change.thing, change.row_id))
    can_undo = instance is not None and stands(change, instance)
    values = [
        ValueChange(
            str(VALUES.get(name, name)),
            _words(display_value(name, change.before, instance, names)),
            _words(display_value(name, change.after, instance, names)),
        )
        for name in change.after
    ]
    thing = str(THINGS.get(change.thing, change.thing))
    return Change(
        at=event.at,
        actor=event.actor,
        thing=thing if change.thing == "desk" else f"{thing} «{label_in(change, instance)}»",
        values=values,
        is_undo=bool(change.undoes),
        undo_url=reverse("workspace:settings_undo", args=[desk.key, event.pk]) if can_undo else "",
    )


def _words(value: Any) -> str:
    """Return a stored value as text in the reader's language, cut to LONGEST_VALUE characters."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        value = "; ".join(f"{name}: {_words(nested)}" for name, nested in value.items())
    elif isinstance(value, list):
        value = ", ".join(str(nested["label"]) if isinstance(nested, dict) else str(nested) for nested in value)
    text = "" if value is None else " ".join(str(value).split())
    return text[:LONGEST_VALUE] + ("…" if len(text) > LONGEST_VALUE else "") or _("(empty)")
