"""The outbox: a mail is a row of the same transaction as its cause (rule R8)."""

from django.contrib.postgres.indexes import HashIndex
from django.db import models

from otklik.people.models import Person


class OutboundMail(models.Model):
    """A mail to one recipient, with everything needed to send it again with the same Message-ID."""

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        KEPT = "kept"  # no mail server is configured: readable in the demo post office
        FAILED = "failed"
        CANCELLED = "cancelled"  # a person of the desk said so before it was sent
        STOPPED = "stopped"  # the address takes no mail (AddressTrouble), until somebody clears it
        RESTORED = "restored"  # waited when a backup was made that was restored; somebody says whether it goes

    class Delay(models.TextChoices):
        """Why a queued mail was not accepted at its last attempt."""

        NONE = ""
        RECIPIENT = "recipient"  # the recipient's server put it off
        RELAY = "relay"  # our mail server takes nothing from us: unreachable, login, sender
        POLICY = "policy"  # it, or one beyond it, does not want mail of ours, and no other has been taken since
        SOME = "some"  # the same, while others go
        SILENT = "silent"  # its server had all of it and did not answer, and no other has been taken since

    recipient = models.CharField(max_length=320)
    person = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="outbound_mails")
    sender = models.CharField(max_length=320)
    sender_name = models.CharField(max_length=200, blank=True)
    reply_to = models.CharField(max_length=320, blank=True)
    kind = models.CharField(max_length=40)
    # What must be sent once and once only: "event:17 accepted person:4". Empty where repetition is fine.
    cause = models.CharField(max_length=120, unique=True)
    # Mails with power over an account lose their words when sent, so that no reader of the outbox can use them (AB-29).
    sensitive = models.BooleanField(default=False)
    subject = models.CharField(max_length=400)
    text = models.TextField()
    html = models.TextField(blank=True)
    # Kept long enough (mail.retention): words and files are gone since then, the row stays.
    words_removed_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=300, unique=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.TextField(blank=True)
    # "auto-replied" for answers to a mail, "auto-generated" for notices (RFC 3834 section 5).
    auto_submitted = models.CharField(max_length=20, default="auto-generated")
    ticket_id = models.BigIntegerField(null=True)
    ticket_key = models.CharField(max_length=40, blank=True)
    # The desk and the message of a ticket that it is about, where there are any: the post office knows neither.
    desk_id = models.BigIntegerField(null=True)
    about = models.BigIntegerField(null=True)
    language = models.CharField(max_length=5, blank=True)
    # Where the recipient ends the mails about this ticket (RFC 8058), for the header; blank: no such header.
    unsubscribe = models.CharField(max_length=300, blank=True)
    # Automatic mail to an address nobody proved: the organisational domain whose budget it used (AB-90). Else blank.
    budget = models.CharField(max_length=255, blank=True)
    # Where mails are counted: the address without "+detail", so that one mailbox counts once (AB-22); and the customer,
    # by id, who caused the mail to somebody else.
    box = models.CharField(max_length=320, blank=True, default="", db_default="")
    caused_by = models.BigIntegerField(null=True)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField()
    retry_at = models.DateTimeField()
    attempts = models.IntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True)
    # A person put it into the queue again: the five days of trying count from here.
    again_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    # A worker has it in hand until then, and renews that; nobody else may try it or take it back.
    claimed_until = models.DateTimeField(null=True)
    delayed_by = models.CharField(max_length=10, choices=Delay.choices, blank=True, default="", db_default="")
    delayed_since = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["retry_at", "id"], condition=models.Q(state="queued"), name="outbound_queued"),
            models.Index(fields=["recipient", "created_at"], name="outbound_recipient"),
            models.Index(fields=["ticket_id"], name="outbound_ticket"),
            models.Index(fields=["sender", "state"], name="outbound_sender_state"),
            models.Index(fields=["created_at"], condition=~models.Q(budget=""), name="outbound_budget"),
            models.Index(fields=["box", "created_at"], condition=~models.Q(box=""), name="outbound_box"),
            models.Index(
                fields=["caused_by", "created_at"], condition=~models.Q(caused_by=None), name="outbound_caused"
            ),
            models.Index(fields=["desk_id", "-id"], name="outbound_desk"),
            models.Index(fields=["desk_id", "state", "-id"], condition=~models.Q(state="sent"), name="outbound_unsent"),
            models.Index(
                fields=["delayed_by"],
                condition=models.Q(state="queued") & ~models.Q(delayed_by=""),
                name="outbound_delayed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.recipient} {self.state}"


class OutboundFile(models.Model):
    """A file of an outbound mail, by its digest in core.blobs."""

    mail = models.ForeignKey(OutboundMail, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.IntegerField()
    digest = models.CharField(max_length=64)
    # By what the mail's HTML shows it in its place; "" for a file that is only attached.
    content_id = models.CharField(max_length=100, blank=True, default="", db_default="")

    class Meta:
        indexes = [HashIndex(fields=["digest"], name="outbound_file_digest")]

    def __str__(self) -> str:
        return self.name


class DeliveryAttempt(models.Model):
    """A failed attempt, or a bounce. A successful one is recorded on the mail."""

    class Outcome(models.TextChoices):
        LATER = "later"
        REFUSED = "refused"
        RETURNED = "returned"

    mail = models.ForeignKey(OutboundMail, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    answer = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.mail_id} {self.outcome}"


class LatePace(models.Model):
    """How many late mails all workers together have tried in the present minute (mail.late_mail_throttle). A single
    row."""

    since = models.DateTimeField()
    tried = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.tried} since {self.since}"
