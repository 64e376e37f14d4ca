"""Ticket, its number sequence and its participants."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from otklik.desks.models import Desk, Priority, RequestType, Resolution, Status
from otklik.mail.models import InboundMail
from otklik.people.models import Organization, Person
from otklik.tickets.models.search_vectors import vector

SUBJECT_LENGTH = 300
LABEL_LENGTH = 255


class NumberSequence(models.Model):
    """The last number given at a desk. Locked while a ticket is opened, so that numbers have no gaps."""

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, primary_key=True, related_name="sequence")
    last = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.last}"


class Ticket(models.Model):
    """A request. Written by tickets.commands only."""

    class Channel(models.TextChoices):
        MAIL = "mail"
        PORTAL = "portal"
        PHONE = "phone"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="tickets")
    number = models.IntegerField()
    key = models.CharField(max_length=30, unique=True)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    request_type = models.ForeignKey(RequestType, on_delete=models.PROTECT, null=True, related_name="tickets")
    # Null: a mail without a usable sender.
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="requested_tickets")
    status = models.ForeignKey(Status, on_delete=models.PROTECT, related_name="tickets")
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, related_name="tickets")
    assignee = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="assigned_tickets")
    # The agent who took a call, otherwise the requester. Null: the system, or an unknown sender.
    created_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # Null while the ticket is open.
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, null=True, related_name="tickets")
    due = models.DateField(null=True)
    # Without whitespace, sorted, distinct.
    labels = ArrayField(models.CharField(max_length=LABEL_LENGTH), default=list, db_default=[])
    # The opening mail's sender is not authenticated: agents see a badge, automatic mail reveals little (AB-88).
    sender_unverified = models.BooleanField(default=False)
    # Answers to the form, by field key (docs/forms.md describes how each kind is stored).
    answers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # The last change that customers can see; they are shown no other time (AB-48).
    shown_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    # When a mail to a participant failed, until a person writes or changes the status (RL-26).
    undelivered_at = models.DateTimeField(null=True)
    words = models.GeneratedField(expression=vector("subject"), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "number"], name="number_once"),
            models.CheckConstraint(
                condition=models.Q(resolution=None) | ~models.Q(closed_at=None), name="resolution_of_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "status", "-updated_at"], name="ticket_queue"),
            models.Index(fields=["desk", "-created_at"], name="ticket_newest"),
            models.Index(fields=["assignee", "status", "-updated_at"], name="ticket_assignee"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_activity"),
            models.Index(fields=["-shown_at", "-id"], name="ticket_shown"),
            GinIndex(fields=["words"], name="ticket_words", gin_pending_list_limit=512),
            # Few tickets are open; the agents' queues and their counts read these alone.
            models.Index(
                fields=["desk", "-updated_at", "-id"],
                include=["status", "assignee"],
                condition=models.Q(closed_at=None),
                name="ticket_open",
            ),
            # Covers what filters of open tickets read and sort by: index-only scans for large desks.
            models.Index(
                fields=["desk", "created_at", "id"],
                include=["priority", "status", "assignee", "updated_at"],
                condition=models.Q(closed_at=None),
                name="ticket_open_oldest",
            ),
            GinIndex(fields=["labels"], name="ticket_labels"),
            # For suggesting labels of the newest tickets.
            models.Index(fields=["-id"], include=["desk"], condition=~models.Q(labels=[]), name="ticket_labelled"),
            models.Index(fields=["desk", "due"], condition=~models.Q(due=None), name="ticket_due"),
            GinIndex(fields=["answers"], name="ticket_answers", opclasses=["jsonb_path_ops"]),
            models.Index(
                fields=["desk", "-updated_at"],
                condition=~models.Q(undelivered_at=None),
                name="ticket_undelivered",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Participant(models.Model):
    """A person on a ticket: the requester and everybody it is shared with.

    `epoch` is part of the signed reply address; incrementing it invalidates older ones. `removed_at` keeps the row, so
    that old addresses are recognized and refused. `sees_from` null: the whole history. `added_by` null: by opening the
    request, or by the system; `by_desk`: whether they worked at the desk then; `named_in`: the mail whose To or Cc
    named the person.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    muted = models.BooleanField(default=False)
    sees_from = models.DateTimeField(null=True)
    epoch = models.IntegerField(default=1)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    by_desk = models.BooleanField(default=False, db_default=False)
    named_in = models.ForeignKey(InboundMail, on_delete=models.SET_NULL, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person"], name="participant_once"),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(epoch__gt=1), name="removed_address_is_worthless"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ticket"], condition=models.Q(removed_at=None), name="participant_tickets"),
            # For tickets.newcomer_limit; few participants are added by others.
            models.Index(fields=["added_at"], condition=~models.Q(added_by=None), name="participant_added"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}"


class SharedOrganization(models.Model):
    """An organization whose members may see the whole ticket and write on it.

    They get no mails unless they become participants. Members who leave the organization lose access. Read by
    tickets.access, and by lists of an organization's requests.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="shared_organizations")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="shared_tickets")
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "organization"], name="organization_once")]

    def __str__(self) -> str:
        return f"{self.organization_id} on {self.ticket_id}"
