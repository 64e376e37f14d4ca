"""Messages of a ticket and their attachments."""

from django.contrib.postgres.indexes import GinIndex, HashIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from otklik.mail.models import InboundMail
from otklik.people.models import Person
from otklik.tickets.models.ticket import Ticket
from otklik.tickets.models.vectors import vector


class MessageQuerySet(models.QuerySet["Message"]):
    """Narrowing by who may read."""

    def for_customers(self) -> "MessageQuerySet":
        """Only what customers may ever see: public, and admitted. Customer pages and mails start from here (AB-48)."""
        return self.filter(kind=Message.Kind.PUBLIC, held=False)


_Messages = models.Manager.from_queryset(MessageQuerySet)


class MessageManager(_Messages["Message"]):
    """Messages without `words`: whoever searches by them never needs to read them."""

    def get_queryset(self) -> MessageQuerySet:
        return MessageQuerySet(self.model, using=self._db).defer("words")


class Message(models.Model):
    """A message of a ticket; the first one (`opening`) is the request's own text.

    `held`: it came by mail from somebody who is not proved to be on the ticket; only agents see it until one admits it.
    `html` is the mail's own HTML, as received: it is sanitised whenever it is shown, never before (AB-65).
    A withdrawn message keeps its row and loses its words: they move to a `MessageRevision`, so that no search, mail or
    export can hand them out by mistake.
    """

    class Markup(models.TextChoices):
        """How `text` is to be read: words of a mail mean nothing but themselves. MARKDOWN: typed before ADR 66."""

        PLAIN = "plain"
        MARKDOWN = "markdown"
        TYPED = "typed"

    class Kind(models.TextChoices):
        INTERNAL = "internal"
        PUBLIC = "public"

    class Side(models.TextChoices):
        """For whom it speaks, as it was when it was written: who leaves the desk later has still answered for it."""

        CUSTOMER = "customer"
        STAFF = "staff"
        SYSTEM = "system"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    side = models.CharField(max_length=10, choices=Side.choices, default=Side.CUSTOMER)
    # Internal unless said otherwise: forgetting to say it must not publish anything.
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.INTERNAL)
    opening = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="messages")
    # Who the mail said it was from, where that is not the author known to us.
    claimed_author = models.CharField(max_length=600, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    markup = models.CharField(max_length=10, choices=Markup.choices, default=Markup.PLAIN)
    # A mail's words as they looked, with pictures and tables (mail.parse.layout); "" where it has none.
    layout = models.TextField(blank=True, default="", db_default="")
    quoted = models.TextField(blank=True)
    inbound = models.ForeignKey(InboundMail, on_delete=models.PROTECT, null=True, related_name="messages")
    why = models.CharField(max_length=300, blank=True)
    # Addresses in To and Cc of its mail that nobody with the right to add them vouches for: an agent decides (AB-01).
    asked = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # Authors that fields beside From claim, as {"address", "name"}: an agent may make one the requester (AB-12).
    claims = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    # What a limit left out of its mail, as codes (mail.parse.truncations); the original is among the files then.
    cuts = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # What is found with it besides its text, one a line: the names of its files; with the opening one, the answers to
    # the request's form as customers read them (tickets.answers.search_text). Who may not read it finds none of it.
    besides = models.TextField(blank=True, default="", db_default="")
    words = models.GeneratedField(
        expression=vector("text", "besides"), output_field=SearchVectorField(), db_persist=True
    )

    objects = MessageManager()

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "created_at", "id"], name="message_order"),
            # A short list of what is not sorted in yet: searches read it from end to end.
            GinIndex(fields=["words"], name="message_words", gin_pending_list_limit=512),
            # The few that wait for an agent: every row of a queue asks for them.
            models.Index(fields=["ticket"], condition=models.Q(held=True), name="message_held"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(opening=True), name="one_opening"),
            # A mail becomes one message at most, however often its processing is repeated.
            models.UniqueConstraint(fields=["inbound"], condition=~models.Q(inbound=None), name="inbound_one_message"),
            # Former words are in the revisions, for those who may read them.
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(text="", html="", layout="", quoted="", besides=""),
                name="withdrawn_says_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} on {self.ticket_id}"


class MessageRevision(models.Model):
    """Words that a message had before its writer changed or withdrew it. Only added, never changed."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="revisions")
    text = models.TextField()
    markup = models.CharField(max_length=10, choices=Message.Markup.choices)
    # The last words of a withdrawn message are for the desk's staff only.
    withdrawn = models.BooleanField(default=False)
    replaced_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at}"


class Attachment(models.Model):
    """A file of a message; the bytes lie in core.blobs under `digest`. Name and type are the sender's words.

    Who brought it and when is the message's author and time, but for files that another system had beside a message.
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
    # A picture that signs its mail or stands in what the mail quotes: shown on demand only.
    folded = models.BooleanField(default=False, db_default=False)
    # By which rules links of ours were looked for in it (mail.secret_scan_mail.RULES).
    searched = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        # Which of the stored files are named at all (tickets.files_in_use).
        indexes = [HashIndex(fields=["digest"], name="attachment_digest")]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"
