"""Messages of a ticket and their attachments."""

from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.models.search_vectors import vector
from otklik.tickets.models.ticket import Ticket


class MessageQuerySet(models.QuerySet["Message"]):
    """Filters by who may read."""

    def for_customers(self) -> "MessageQuerySet":
        """Only what customers may ever see: public and admitted messages. Customer pages and mails start here
        (AB-48)."""
        return self.filter(kind=Message.Kind.PUBLIC, held=False)


_Messages = models.Manager.from_queryset(MessageQuerySet)


class MessageManager(_Messages["Message"]):
    """Defers `words`, which searches never need to load."""

    def get_queryset(self) -> MessageQuerySet:
        return MessageQuerySet(self.model, using=self._db).defer("words")


class Message(models.Model):
    """A message of a ticket; the first one (`opening`) is the request's text.

    `held`: it came by mail from somebody not proved to be on the ticket; only agents see it until one admits it.
    `html`: the mail's HTML as received, sanitized when shown, never before (AB-65). A withdrawn message keeps its row
    without any text: that moves to a `MessageRevision`, so that no search, mail or export can leak it.
    """

    class Markup(models.TextChoices):
        """How to read `text`: PLAIN for text of mails, TYPED for text of composers, MARKDOWN for that from before ADR
        66."""

        PLAIN = "plain"
        MARKDOWN = "markdown"
        TYPED = "typed"

    class Kind(models.TextChoices):
        INTERNAL = "internal"
        PUBLIC = "public"

    class Side(models.TextChoices):
        """Which side the message speaks for, fixed when it was written: staff who leave the desk have still answered
        for it."""

        CUSTOMER = "customer"
        STAFF = "staff"
        SYSTEM = "system"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.CUSTOMER)
    # Internal by default: forgetting the argument must not publish anything.
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INTERNAL)
    opening = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="messages")
    # The sender that the mail claims, if that is not the author.
    claimed_author = models.CharField(max_length=600, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    markup = models.CharField(max_length=10, choices=Markup.choices, default=Markup.PLAIN)
    # The mail's text with its pictures and tables (mail.parse.layout); "" if it has none.
    layout = models.TextField(blank=True, default="", db_default="")
    quoted = models.TextField(blank=True)
    inbound = models.ForeignKey(InboundMail, on_delete=models.PROTECT, null=True, related_name="messages")
    why = models.CharField(max_length=300, blank=True)
    # Addresses in To and Cc of the mail that the sender may not add: an agent decides (AB-01).
    asked = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # Authors claimed by headers other than From, as {"address", "name"}; an agent may make one the requester (AB-12).
    claims = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # Ids of people who got no mail of it although they are on the ticket: its author left them out.
    left_out = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # What exceeded a limit, as codes (mail.parse.truncations); the original mail is then among the files.
    cuts = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # Further search text, one item per line: names of its files, and for the opening message the answers to the form
    # that customers may read (tickets.answers.search_text).
    besides = models.TextField(blank=True, default="", db_default="")
    words = models.GeneratedField(
        expression=vector("text", "besides"), output_field=SearchVectorField(), db_persist=True
    )

    objects = MessageManager()

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "created_at", "id"], name="message_order"),
            # A short pending list, because every search scans it.
            GinIndex(fields=["words"], name="message_words", gin_pending_list_limit=512),
            # Few messages are held, and every row of a queue asks for them.
            models.Index(fields=["ticket"], condition=models.Q(held=True), name="message_held"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(opening=True), name="one_opening"),
            # A mail becomes at most one message, even if it is processed again.
            models.UniqueConstraint(fields=["inbound"], condition=~models.Q(inbound=None), name="inbound_one_message"),
            # The text is in the revisions, for those who may read it.
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(text="", html="", layout="", quoted="", besides=""),
                name="withdrawn_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} on {self.ticket_id}"


class MessageRevision(models.Model):
    """The text of a message before its author changed or withdrew it. Immutable."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField()
    markup = models.CharField(max_length=10, choices=Message.Markup.choices)
    # The text of a withdrawn message is for the desk's staff only.
    withdrawn = models.BooleanField(default=False)
    replaced_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at}"


class Attachment(models.Model):
    """A file of a message; its bytes are in core.blobs under `digest`. Name and type are as the sender gave them.

    Author and time are the message's, except for imported files that had no message.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    author = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.IntegerField()
    digest = models.CharField(max_length=64)
    content_id = models.CharField(max_length=300, blank=True)
    inline = models.BooleanField(default=False)
    # An image of a signature or of quoted text, shown on demand only.
    folded = models.BooleanField(default=False, db_default=False)
    # The version of the rules by which it was searched for secret links (mail.secret_scan_mail.RULES).
    searched = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        # For tickets.files_in_use.
        indexes = [HashIndex(fields=["digest"], name="attachment_digest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"
