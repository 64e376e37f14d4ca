"""Persons, their phones and organisations, and the tokens that give power over an account."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper

from otklik.core.retry_queue import Retried


class PersonManager(BaseUserManager["Person"]):
    """Methods that Django expects of a user manager. Otklik itself creates people by people.commands."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=username)

    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "Person":
        person = Person(email=email, **extra)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser):
    """A person known to the desk: customer, agent or both. A caller may have no address.

    `email` is the primary address in canonical form (people.addresses). All addresses, including this one, are rows of
    allauth's EmailAddress, each address at most once (ADR 31). `activated_at`: when the person first followed a mailed
    link. `heard_at`: when a mail was first proved to be theirs, by its domain or as an answer to one of ours.
    """

    class Notices(models.TextChoices):
        """How much mail about requests the person gets."""

        EACH = "each"  # every message by itself, at once
        DIGEST = "digest"  # all of a day together, at `digest_hour`
        WAITING = "waiting"  # only what waits for the person

    email = models.CharField(max_length=320, unique=True, null=True)
    # Optional login name; null: the address is the login. See people.login_names.
    login = models.CharField(max_length=150, null=True)
    # The key in an external directory, such as "jira:JIRAUSER10001"; empty: none.
    source_key = models.CharField(max_length=200, blank=True, default="")
    # The directory's address for the person if it belongs to somebody else here: never used for mail or login.
    address_note = models.CharField(max_length=320, blank=True, default="")
    name = models.CharField(max_length=200)
    language = models.CharField(max_length=5, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    # Low-vision settings in the format of core.low_vision; empty: never chosen.
    sight = models.CharField(max_length=60, blank=True)
    is_active = models.BooleanField(default=True)
    is_admin = models.BooleanField(default=False)
    # "light", "dark" or "" for the system's: beside the cookie, so that it follows the person.
    theme = models.CharField(max_length=10, blank=True)
    notices = models.CharField(max_length=10, choices=Notices.choices, default=Notices.EACH)
    digest_hour = models.PositiveSmallIntegerField(default=9)
    # Whether the password is shorter than required without a second factor.
    password_short = models.BooleanField(default=False)
    # Incrementing it voids all password-reset links (people.reset_links).
    reset_epoch = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)

    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Upper("login"), name="login_once"),
            models.CheckConstraint(
                condition=~models.Q(login__contains="@") & ~models.Q(login=""), name="login_or_none"
            ),
            models.UniqueConstraint(fields=["source_key"], condition=~models.Q(source_key=""), name="source_key_once"),
        ]

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    PASSWORD_FIELDS = ("password", "password_short")
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return f"{self.name} <{self.email or '-'}>"

    def set_password(self, raw_password: str | None) -> None:
        """Like Django's; save PASSWORD_FIELDS afterwards. Commands call `set_new_password` instead."""
        super().set_password(raw_password)
        self.password_short = raw_password is not None and len(raw_password) < settings.PASSWORD_LENGTH

    @property
    def login_name(self) -> str:
        """The name for scripts and filters: the login, else the address, else ""."""
        return self.login or self.email or ""

    @property
    def display_name(self) -> str:
        return self.name or self.email or "—"

    @property
    def staff_name(self) -> str:
        """Like `display_name`, with the whole address of somebody of whom only that is known.

        For staff and for the person themselves: others do not learn addresses by it.
        """
        return known_as(self.name, self.email) or "—"

    @property
    def is_heard(self) -> bool:
        """Whether it is proved that the person uses the address. Until then others cannot mail them text through a
        desk."""
        return self.activated_at is not None or self.heard_at is not None

    @property
    def chosen_language(self) -> str:
        """The person's language, else the site's."""
        return self.language or settings.LANGUAGE_CODE


class PersonSearch(models.Model):
    """The search index of a person (people.search), written by database triggers (migration 0016) only.

    A separate table because Person is read with every list.
    """

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="search")
    pieces = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["pieces"], name="person_pieces")]

    def __str__(self) -> str:
        return f"pieces of {self.person_id}"


class Phone(models.Model):
    """A number that a person calls from: in E.164 if valid, otherwise its digits."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="phones")
    number = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "number"], name="phone_once")]

    def __str__(self) -> str:
        return self.number


class Organization(models.Model):
    """An organization whose members may share requests.

    `open_inside`: members see each other's requests, off by default (AB-55). `domains`: verifying an address at one of
    these mail domains makes a person a member.
    """

    name = models.CharField(max_length=200, unique=True)
    members = models.ManyToManyField(
        Person, related_name="organizations", blank=True, through="people.OrganizationMember"
    )
    open_inside = models.BooleanField(default=False)
    domains = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.name


class OrganizationMember(models.Model):
    """Membership of a person in an organization.

    `sees_all`: may see all members' requests, for instance as their head. `joined_at`: the person's earlier requests
    are not shared; null: all are.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="organization_memberships")
    sees_all = models.BooleanField(default=False)
    joined_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_organization_members"
        unique_together = (("organization", "person"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.organization_id}"


class AccountToken(models.Model):
    """A single-use credential for an account, stored as the SHA-256 of the mailed secret (AB-26, AB-27)."""

    ACTIVATION = "activation"
    ADDRESS = "address"  # a further mail address of a person
    LOGIN_CODE = "login_code"  # its digest is people.mailed_codes'
    SIGN_UP = "sign_up"  # nobody yet: the person is made when the link is used (AB-24)

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="tokens")
    purpose = models.CharField(max_length=20)
    # What is proved by using the token, where it is not the person's own address; and a newcomer's name.
    address = models.CharField(max_length=320, blank=True)
    name = models.CharField(max_length=200, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} of {self.person_id}"


class LoginSession(models.Model):
    """A browser session for the person's own list. Access itself is granted by Django's session."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="login_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} from {self.address}"


class DataExport(Retried):
    """A ZIP archive of a person's data: requested, made by the worker, downloadable until `expires_at`."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="data_export")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True, db_index=True)
    expires_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"data of {self.person_id}"


class ErasureRequest(models.Model):
    """A person's request for erasure, carried out by an administrator after `due_at` (AB-105)."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="erasure_request")
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"erasure of {self.person_id}"


class ApiToken(models.Model):
    """A token with which a script acts as its person, stored as a hash; `prefix` helps to tell tokens apart (AB-40).

    Never allows more than the person may do. `rate`: the most uses per minute, null for no limit; counted across
    processes in `window_uses` since `window_at`.
    """

    class Scope(models.TextChoices):
        """What a script may do: read, change tickets, change settings. No scope implies another."""

        READ = "read"
        WRITE = "write"
        ADMIN = "admin"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(
        models.CharField(max_length=10, choices=Scope.choices), default=list, db_default=["read", "write", "admin"]
    )
    rate = models.PositiveIntegerField(null=True)
    window_at = models.DateTimeField(null=True)
    window_uses = models.PositiveIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.person_id}"


class Guesses(models.Model):
    """Counted wrong guesses at one secret (people.login_throttle). `mark`: a hash of kind and owner; `recent`: Unix
    times."""

    mark = models.CharField(max_length=64, primary_key=True)
    wrong = models.PositiveIntegerField(default=0)
    waits = models.PositiveIntegerField(default=0)
    recent = models.JSONField(default=list)
    last_at = models.DateTimeField(db_index=True)
    not_before = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.mark[:8]}: {self.wrong}"


def known_as(name: str | None, address: str | None) -> str:
    """Return the name, or the address if the name is just its local part; "" without both."""
    is_made = bool(name and address) and name == str(address).partition("@")[0]
    return (None if is_made else name) or address or ""
