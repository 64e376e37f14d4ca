"""Desk, approval rule, request type, channel and membership."""

from django.db import models

from otklik.desks.models.site import IssueType
from otklik.mail.models import Mailbox
from otklik.people.models import Organization, Person


class Desk(models.Model):
    """A service desk. `key` never changes, as ticket keys, links and mail threads contain it. `id` is Jira's portal
    id."""

    class Told(models.TextChoices):
        """Which staff is notified of unassigned requests."""

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
    # Off: customers use mail only and are not invited to set a password.
    activation_mail = models.BooleanField(default=True)
    # Whether anybody may register on the portal (AB-24).
    signup = models.BooleanField(default=False)
    # Whether people in To and Cc of an authenticated sender become participants; off: an agent adds them.
    cc_joins = models.BooleanField(default=True, db_default=True)
    # How many unknown people one customer may add to requests within 24 hours (ADR 50).
    newcomers_a_day = models.PositiveSmallIntegerField(default=10, db_default=10)
    # A reply to a request closed longer ago opens a new, linked one.
    reopen_days = models.PositiveSmallIntegerField(default=14)
    # How long authors may change or withdraw their messages; 0: never.
    edit_minutes = models.PositiveSmallIntegerField(default=15)
    # How long after closing the requester may rate and change the rating; 0: no ratings.
    rating_days = models.PositiveSmallIntegerField(default=14)
    # After how many days approvers are reminded, once; 0: never.
    approval_reminder_days = models.PositiveSmallIntegerField(default=2, db_default=2)
    # Whether mails to approvers contain a link for voting without login (ADR 37).
    approval_links = models.BooleanField(default=True, db_default=True)
    # How long an agent's reply is held back so that it can be undone; null: the site's setting.
    hold_seconds = models.PositiveSmallIntegerField(null=True)
    # The display name in From: a pattern with {agent.name} and {desk.name}; empty: the desk's name.
    mail_name = models.CharField(max_length=150, blank=True)
    # One of the desk's addresses, for From; empty: the main one.
    mail_from = models.CharField(max_length=320, blank=True)
    # Who is notified of new requests and of unassigned ones; NAMED: `told_people` who work here.
    staff_told = models.CharField(max_length=10, choices=Told.choices, blank=True, default="", db_default="")
    told_people = models.ManyToManyField(Person, related_name="+", blank=True)
    # Kinds of mail that the desk switched on or off: {"status_changed": true}. Defaults: notify.texts.mail_kinds.
    mail_switches = models.JSONField(default=dict)
    # The portal's texts in other languages: {language: {"name", "welcome", "question", "announcement"}}.
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
    """When an approval is given: one approver is enough, or all must agree. A single "no" declines it."""

    ONE = "one"
    ALL = "all"


class RequestType(models.Model):
    """A kind of request that customers choose on the portal."""

    desk = models.ForeignKey(Desk, on_delete=models.CASCADE, related_name="request_types")
    name = models.CharField(max_length=200)
    help = models.CharField(max_length=500, blank=True)
    icon = models.CharField(max_length=40, default="help-circle")
    # Null: the first in the site's list.
    issue_type = models.ForeignKey(IssueType, on_delete=models.PROTECT, null=True, related_name="request_types")
    position = models.PositiveSmallIntegerField()
    # Not on the portal; mail and agents may still use it.
    hidden = models.BooleanField(default=False)
    # Retired; kept because requests refer to it.
    archived = models.BooleanField(default=False)
    # Only for the people and organizations below, and the desk's staff.
    restricted = models.BooleanField(default=False)
    allowed_people = models.ManyToManyField(Person, related_name="+", blank=True)
    allowed_organizations = models.ManyToManyField(Organization, related_name="+", blank=True)
    # Name and help in other languages: {language: {"name", "help"}}.
    texts = models.JSONField(default=dict)
    # New requests ask these people for approval; blank: no approval.
    approval_rule = models.CharField(max_length=10, choices=ApprovalRule.choices, blank=True)
    approvers = models.ManyToManyField(Person, related_name="+", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "name"], name="request_type_once")]

    def __str__(self) -> str:
        return f"{self.desk_id}: {self.name}"


class Channel(models.Model):
    """Mail to this mailbox opens requests of this desk. `main`: it is the desk's published address."""

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
        """The name in the history of settings."""
        return self.mailbox.address


class Membership(models.Model):
    """A person works at a desk. Customers have no membership: anybody who writes is a customer."""

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
