"""Drafts of messages, and requests that wait to be confirmed."""

from django.db import models

from otklik.desks.models import RequestType
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket


class Draft(models.Model):
    """What one person typed into one composer and has not submitted. Never shown to others.

    `kind` and `subject_id` identify the composer (see tickets.drafts). `words`: the form's fields as typed, {name:
    [values]}; `files`: [{"name", "content_type", "size", "digest"}] by field. `former`: {"words", "files"} that were
    replaced and can be restored. An empty row remembers what was sent last, so that a late save of the page does not
    restore it.
    """

    class Kind(models.TextChoices):
        REQUEST = "request"  # of a request type
        CALL = "call"  # at a desk
        COMMENT = "comment"  # on a ticket, as are the next four
        REPLY = "reply"
        NOTE = "note"
        RATING = "rating"
        QUESTION = "question"  # to approvers
        APPROVAL = "approval"  # the answer to one
        EDIT = "edit"  # of a message
        FORWARD = "forward"  # of one, to somebody outside

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, null=True, related_name="+")
    words = models.JSONField(default=dict)
    files = models.JSONField(default=dict)
    former = models.JSONField(default=dict)
    # Incremented with each save. `writer`: the rendered page that saved last; `stamp`: its last keystroke.
    version = models.PositiveIntegerField(default=0)
    writer = models.CharField(max_length=32, blank=True)
    stamp = models.BigIntegerField(default=0)
    # Writer and stamp of what was sent last.
    sent_by = models.CharField(max_length=32, blank=True)
    sent_stamp = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "subject_id"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.kind} {self.subject_id}"


class Unconfirmed(models.Model):
    """A request sent without an account, opened once the link mailed to the address is confirmed (AB-90).

    `digest`: the SHA-256 of the link's secret. Neither person nor ticket exists before.
    """

    digest = models.CharField(max_length=64, unique=True)
    request_type = models.ForeignKey(RequestType, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=320)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    answers = models.JSONField(default=dict)
    files = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # The key of the ticket it became; using the link again leads there.
    ticket_key = models.CharField(max_length=30, blank=True)

    def __str__(self) -> str:
        return f"{self.address}: {self.request_type_id}"
