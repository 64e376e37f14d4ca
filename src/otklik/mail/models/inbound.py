"""Received mails: the mail ledger, one row for each mail that was ever offered to us."""

from django.db import models

from otklik.mail.models.mail_import import MailImport
from otklik.mail.models.mailbox import Mailbox


class InboundMail(models.Model):
    """A received mail as it arrived, and its outcome.

    Committed before anything is parsed (rule R7). Rows in state `waiting` are the intake's queue. Numbers reconcile:
    every row is waiting, filed, held or failed; another copy of the same bytes only increments `copies`.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        FILED = "filed"
        HELD = "held"
        FAILED = "failed"

    class Fate(models.TextChoices):
        """What became of it; blank while it waits."""

        NONE = "", "-"
        REQUEST = "request"
        COMMENT = "comment"
        HELD_COMMENT = "held_comment"
        NOTE = "note"  # an answer to what an agent forwarded: for the staff only
        BOUNCE = "bounce"
        AUTO_REPLY = "auto_reply"
        OWN = "own"
        UNREADABLE = "unreadable"
        BLOCKED = "blocked"  # a person of the desk blocked the sender (mail.SenderRule)
        SPAM = "spam"  # a person said so
        ASTRAY = "astray"  # no header names an address of ours; it came by a pipe that did not say for whom
        DONE = "done"  # a person said that there is nothing to do about it
        COPY = "copy"  # the same mail by another way; the request has it
        ROLLED_BACK = "rolled_back"  # its import was taken back

    mailbox = models.ForeignKey(Mailbox, on_delete=models.PROTECT, related_name="inbound")
    transport = models.CharField(max_length=10)
    envelope_from = models.CharField(max_length=1000, blank=True)
    envelope_to = models.CharField(max_length=1000)
    received_at = models.DateTimeField()
    raw = models.BinaryField()
    # Kept long enough (mail.retention): `raw` is empty since then, the row stays.
    raw_removed_at = models.DateTimeField(null=True)
    size = models.IntegerField()
    # The size on the server of a mail too large to be taken whole: `raw` is its beginning, the rest lies there.
    full_size = models.BigIntegerField(null=True)
    # From before the desk took this mailbox over: a request like any other, but nobody is mailed about it.
    imported = models.BooleanField(default=False)
    import_run = models.ForeignKey(MailImport, on_delete=models.SET_NULL, null=True, related_name="mails")
    digest = models.CharField(max_length=64)
    copies = models.IntegerField(default=1)

    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    fate = models.CharField(max_length=20, choices=Fate.choices, default=Fate.NONE, blank=True)
    reason = models.TextField(blank=True)
    # The lane in which it waits: how often its reading took longer than the lane before allows.
    slow = models.PositiveSmallIntegerField(default=0)
    attempts = models.SmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    from_address = models.CharField(max_length=320, blank=True)
    from_name = models.CharField(max_length=300, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=998, blank=True)
    level = models.CharField(max_length=10, blank=True)
    rule = models.CharField(max_length=40, blank=True)
    # Domains whose DKIM signature we found good, blanks between; null: not looked at (OTKLIK_DKIM_CHECK is off).
    signed_by = models.CharField(max_length=500, null=True)  # unknown is not the same as nobody
    # Why nothing is mailed back by itself, in words; blank when it may be (AB-91).
    silent = models.CharField(max_length=200, blank=True)
    # The post office stands below the tickets, so it keeps the key, not a foreign key.
    ticket_id = models.BigIntegerField(null=True)
    ticket_key = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailbox", "digest"], name="inbound_once"),
            models.CheckConstraint(
                condition=models.Q(state="waiting", settled_at=None)
                | ~models.Q(state="waiting") & ~models.Q(settled_at=None),
                name="inbound_settled_or_waiting",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(state="waiting"), name="inbound_waiting"),
            models.Index(fields=["message_id"], name="inbound_message_id"),
            models.Index(fields=["from_address", "received_at"], name="inbound_sender"),
            models.Index(fields=["ticket_id"], name="inbound_ticket"),
            models.Index(fields=["-received_at", "-id"], name="inbound_newest"),
            # The ledger of one desk, page by page, and what in it waits for a person.
            models.Index(fields=["mailbox", "-received_at", "-id"], name="inbound_ledger"),
            models.Index(
                fields=["mailbox", "-received_at", "-id"],
                condition=models.Q(state__in=["held", "failed"]) & ~models.Q(fate="blocked"),
                name="inbound_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state} {self.from_address}"
