"""What happens to the rows of every foreign key to a person, on export and on erasure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from otklik.people.models import Person


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a row: `deleted` on erasure; otherwise it stays and refers to an anonymous person.

    `exported`: its section in the archive (privacy.archive); "" if it is not the person's own, or only
    machine-readable.
    """

    deleted: bool
    exported: str = ""


_KEPT, _DELETED = Fate(deleted=False), Fate(deleted=True)

# Rows without a name in them stay; their texts are redacted by privacy.redaction. tests/test_personal_relations.py
# requires a line for each new relation.
PERSONAL: Mapping[str, Fate] = {
    "people.Phone.person": Fate(deleted=True, exported="person"),
    "people.PersonSearch.person": _DELETED,
    "people.OrganizationMember.person": Fate(deleted=True, exported="person"),
    "people.AccountToken.person": _DELETED,
    "people.LoginSession.person": Fate(deleted=True, exported="person"),
    "people.DataExport.person": _DELETED,
    # Records that an erasure was requested and done, without a name.
    "people.ErasureRequest.person": Fate(deleted=False, exported="person"),
    "people.ApiToken.person": Fate(deleted=True, exported="person"),
    "account.EmailAddress.user": Fate(deleted=True, exported="person"),
    "mfa.Authenticator.user": Fate(deleted=True, exported="person"),
    "socialaccount.SocialAccount.user": Fate(deleted=True, exported="person"),
    "mail.OutboundMail.person": Fate(deleted=False, exported="mails_to_you"),
    "desks.Desk_told_people.person": _DELETED,
    "desks.RequestType_allowed_people.person": _DELETED,
    "desks.RequestType_approvers.person": _DELETED,
    # Staff cannot be erased (erase_person), but a restore may have brought a role back.
    "desks.Membership.person": _DELETED,
    "desks.CannedAnswer.owner": _DELETED,
    "desks.CannedAnswerUse.person": _DELETED,
    "desks.Queue.owner": _DELETED,
    "desks.QueueChoice.person": _DELETED,
    "desks.ReplyChoice.person": _DELETED,
    "tickets.Ticket.requester": Fate(deleted=False, exported="requests"),
    "tickets.Ticket.assignee": _KEPT,
    "tickets.Ticket.created_by": _KEPT,
    "tickets.TicketLink.added_by": _KEPT,
    "tickets.Participant.person": Fate(deleted=False, exported="requests"),
    "tickets.Participant.added_by": _KEPT,
    "tickets.SharedOrganization.added_by": _KEPT,
    "tickets.Approval.asked_by": _KEPT,
    "tickets.Vote.person": Fate(deleted=False, exported="approvals"),
    # Which tickets an agent changed by a bulk action; the changes themselves stay.
    "tickets.BulkRun.person": _DELETED,
    "tickets.Change.old_person": _KEPT,
    "tickets.Change.new_person": _KEPT,
    "tickets.Change.actor": Fate(deleted=False, exported="events"),
    "tickets.Draft.person": Fate(deleted=True, exported="drafts"),
    "tickets.ListExport.person": _DELETED,
    "tickets.Message.author": Fate(deleted=False, exported="requests"),
    "tickets.Attachment.author": _KEPT,
    "tickets.MessageRevision.replaced_by": _KEPT,
    "tickets.PendingReply.author": Fate(deleted=True, exported="waiting_replies"),
    "tickets.Rating.person": Fate(deleted=False, exported="ratings"),
    "tickets.Seen.person": _DELETED,
    "tickets.SeenUntil.person": _DELETED,
    "notify.DigestEntry.person": _DELETED,
    "portal.ListLook.person": _DELETED,
    "portal.SavedView.person": Fate(deleted=True, exported="person"),
}


def relations_to_people() -> Iterator[tuple[str, Any, str]]:
    """Yield every foreign key to a person: its name in PERSONAL, model and column."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):  # includes one-to-one
            table: Any = relation.related_model
            yield f"{table._meta.label}.{relation.field.name}", table, relation.field.name


def delete_own_rows(person: Person) -> None:
    """Delete the rows that PERSONAL marks as deleted."""
    for name, fate in PERSONAL.items():
        if fate.deleted:
            label, _dot, column = name.rpartition(".")
            apps.get_model(label)._base_manager.filter(**{column: person}).delete()
