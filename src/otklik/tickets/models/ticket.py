"""Ticket, its number sequence and its participants."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from otklik.desks.models import Desk, Priority, RequestType, Resolution, Status
from otklik.mail.models import InboundMail
from otklik.people.models import Organization, Person
from otklik.tickets.models.vectors import vector

SUBJECT_LENGTH = 300
LABEL_LENGTH = 255


class NumberSequence(models.Model):
    """The last number given at a desk. Locked by whoever opens a ticket, so numbers have no gaps and no doubles."""

    desk = models.OneToOneField(Desk, on_delete=models.CASCADE, primary_key=True, related_name="sequence")
    last = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.last}"


class Ticket(models.Model):
    """One request. Written only by tickets.commands."""

    class Channel(models.TextChoices):
        MAIL = "mail"
        PORTAL = "portal"
        PHONE = "phone"

    desk = models.ForeignKey(Desk, on_delete=models.PROTECT, related_name="tickets")
    number = models.IntegerField()
    key = models.CharField(max_length=30, unique=True)
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    request_type = models.ForeignKey(RequestType, on_delete=models.PROTECT, null=True, related_name="tickets")
    # Null: a mail whose sender could not be made out.
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="requested_tickets")
    status = models.ForeignKey(Status, on_delete=models.PROTECT, related_name="tickets")
    priority = models.ForeignKey(Priority, on_delete=models.PROTECT, related_name="tickets")
    assignee = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="assigned_tickets")
    # Who wrote it down: the agent of a call, else whoever asked. Null: the product, or a mail nobody known has sent.
    created_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # How it ended; an open ticket has none.
    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, null=True, related_name="tickets")
    due = models.DateField(null=True)
    # Words without blanks, sorted, each once.
    labels = ArrayField(models.CharField(max_length=LABEL_LENGTH), default=list, db_default=[])
    # The mail that opened it did not prove its sender: agents see a badge, automatic mail says little (AB-88).
    sender_unverified = models.BooleanField(default=False)
    # Answers to the form's fields, by the field's key (docs/forms.md says how each kind is kept).
    answers = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # The last change that customers can see: the only one whose time they are shown (AB-48).
    shown_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    # When a mail to somebody on it came back or was refused, until a person writes here or moves it (RL-26).
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
            # What is open is little beside what was ever closed: the agents' queues and their counts read these alone.
            models.Index(
                fields=["desk", "-updated_at", "-id"],
                include=["status", "assignee"],
                condition=models.Q(closed_at=None),
                name="ticket_open",
            ),
            # With all that filters of open tickets ask and sort by: those of a large desk are sorted from it alone.
            models.Index(
                fields=["desk", "created_at", "id"],
                include=["priority", "status", "assignee", "updated_at"],
                condition=models.Q(closed_at=None),
                name="ticket_open_oldest",
            ),
            GinIndex(fields=["labels"], name="ticket_labels"),
            # The newest that have any, from which the language offers labels.
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

    `epoch` is part of the signed reply address; raising it makes older addresses worthless. `removed_at` keeps the row,
    so that a removed person's old address is recognised and refused. `sees_from` null: the whole history. `added_by`
    null: by opening the request oneself, or by the product; `by_desk`: whether they worked at the desk at that time;
    `named_in`: the mail whose To or Cc named the person.
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
            # Few are added by others: how many newcomers somebody brought in today (tickets.newcomer_limit).
            models.Index(fields=["added_at"], condition=~models.Q(added_by=None), name="participant_added"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}"


class SharedOrganization(models.Model):
    """An organisation whose members may see a ticket, all of it, and write on it.

    They get no mails unless they become participants. Read by tickets.access (`visible_tickets`, `readable_messages`)
    and by whatever lists the requests of an organisation. Who leaves the organisation sees the ticket no more.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="shared_organizations")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="shared_tickets")
    added_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "organization"], name="organization_once")]

    def __str__(self) -> str:
        return f"{self.organization_id} on {self.ticket_id}"
