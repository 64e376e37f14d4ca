"""Desk, approval rule, request type, channel and membership."""

from django.db import models

from otklik.desks.models.site import IssueType
from otklik.mail.models import Mailbox
from otklik.people.models import Organization, Person


class Desk(models.Model):
    """One service desk. `key` is for ever: numbers, links and mail threads carry it. `id` is Jira's portal id."""

    class Told(models.TextChoices):
        """Who of the staff is mailed about requests that nobody has yet."""

        NOBODY = ""
        LEADS = "leads"
        EVERYBODY = "everybody"
        NAMED = "named"

    key = models.CharField(max_length=10, unique=True)
    name = models.CharField(max_length=200)
    welcome = models.TextField(blank=True)
    question = models.CharField(max_length=200, blank=True)
    announcement = models.TextField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    phone_script = models.TextField(blank=True)
    language = models.CharField(max_length=5, default="ru")
    # Off: people work by mail alone and are never invited to make a password.
    activation_mail = models.BooleanField(default=True)
    # On: strangers may register on the portal by themselves (AB-24).
    signup = models.BooleanField(default=False)
    # Whom a proved sender names in To or Cc takes part in the request; off: an agent adds them.
    cc_joins = models.BooleanField(default=True, db_default=True)
    # So many people from whom nothing was ever heard one customer may bring into requests within 24 hours (ADR 50).
    newcomers_a_day = models.PositiveSmallIntegerField(default=10, db_default=10)
    # A reply to a request closed for longer opens a new, linked one.
    reopen_days = models.PositiveSmallIntegerField(default=14)
    # How long after writing somebody may change or withdraw a message of their own; 0: never.
    edit_minutes = models.PositiveSmallIntegerField(default=15)
    # How long after closing the requester is asked for a rating, and may change it; 0: nobody is asked.
    rating_days = models.PositiveSmallIntegerField(default=14)
    # After how many days of silence who is asked for an approval is reminded, once; 0: never.
    approval_reminder_days = models.PositiveSmallIntegerField(default=2, db_default=2)
    # The mail that asks for an approval has a link by which it is answered without login (ADR 37).
    approval_links = models.BooleanField(default=True, db_default=True)
    # How long an agent's reply waits before it travels, so that it can be taken back; null: as the site says.
    hold_seconds = models.PositiveSmallIntegerField(null=True)
    # How mails are signed in From: a pattern with {agent.name} and {desk.name}; empty: the desk's name.
    mail_name = models.CharField(max_length=150, blank=True)
    # One of the desk's addresses, for From; empty: the main one.
    mail_from = models.CharField(max_length=320, blank=True)
    # Who hears of new requests and of what happens on those that nobody has; NAMED: these, as far as they work here.
    staff_told = models.CharField(max_length=10, choices=Told.choices, blank=True, default="", db_default="")
    told_people = models.ManyToManyField(Person, related_name="+", blank=True)
    # Kinds of mail that the desk switched on or off: {"status_changed": true}. Defaults: notify.texts.mail_kinds.
    mail_switches = models.JSONField(default=dict)
    # The portal's words in other languages: {language: {"name", "welcome", "question", "announcement"}}.
    texts = models.JSONField(default=dict)
    # How the portal looks: colours as #rrggbb ("" is the product's own), the logo as a blob (core.blobs), a PNG.
    banner_color = models.CharField(max_length=7, blank=True)
    accent_color = models.CharField(max_length=7, blank=True)
    logo_digest = models.CharField(max_length=64, blank=True)
    # People without an account may send a request: it is opened once the link mailed to their address is confirmed.
    anonymous = models.BooleanField(default=False)
    # Members of an organisation may ask on behalf of each other; agents of the desk always may for anybody.
    on_behalf = models.BooleanField(default=False)
    # Days for which originals of robots' mail and of all other mail, and sent words are kept (mail.retention); 0: for
    # ever; null: as the site says.
    keep_machine_mail = models.PositiveIntegerField(null=True)
    keep_originals = models.PositiveIntegerField(null=True)
    keep_sent = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class ApprovalRule(models.TextChoices):
    """When an approval is given: one of the people asked is enough, or all must agree. One "no" declines it."""

    ONE = "one"
    ALL = "all"


class RequestType(models.Model):
    """What a customer may ask for; the portal shows icon, name and a line of help."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="request_types")
    name = models.CharField(max_length=200)
    help = models.CharField(max_length=500, blank=True)
    icon = models.CharField(max_length=40, default="help-circle")
    # Null: the first of the list.
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, null=True, related_name="request_types")
    position = models.PositiveSmallIntegerField()
    # Off the portal; mail and agents still use it.
    hidden = models.BooleanField(default=False)
    # Out of use; kept, because requests have it.
    archived = models.BooleanField(default=False)
    # Only for the people and organisations named; the desk's staff always may.
    restricted = models.BooleanField(default=False)
    allowed_people = models.ManyToManyField(Person, related_name="+", blank=True)
    allowed_organizations = models.ManyToManyField(Organization, related_name="+", blank=True)
    # Name and help in other languages: {language: {"name", "help"}}.
    texts = models.JSONField(default=dict)
    # A request of this type asks these people for their approval as soon as it is opened; blank: nobody is asked.
    approval_rule = models.CharField(max_length=10, choices=ApprovalRule.choices, blank=True)
    approvers = models.ManyToManyField(Person, related_name="+", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="request_type_once")]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"


class Channel(models.Model):
    """Mail to this mailbox opens requests of this desk. The first one (`main`) is the desk's address on everything."""

    mailbox = models.OneToOneField(Mailbox, on_delete=models.PROTECT, related_name="channel")
    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="channels")
    request_type = models.ForeignKey(RequestType, on_delete=models.SET_NULL, null=True)
    main = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk"], condition=models.Q(main=True), name="one_main_channel")]

    def __str__(self) -> str:
        return f"{self.mailbox_id} -> {self.desk_id}"

    @property
    def name(self) -> str:
        """The name in the history of changes."""
        return self.mailbox.address


class Membership(models.Model):
    """A person works at a desk. Customers need none: who may write a mail is a customer."""

    class Role(models.TextChoices):
        AGENT = "agent"
        LEAD = "lead"
        ADMIN = "admin"

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "person"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.role} {self.desk_id}"
