"""Events of persons and organisations, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent


@dataclass(frozen=True, kw_only=True)
class PersonEvent(TypedEvent):
    """An event of a person."""

    subject = "person"


@dataclass(frozen=True, kw_only=True)
class AddressGiven(PersonEvent):
    """Somebody without an address got one."""

    kind = "person.address_given"


@dataclass(frozen=True, kw_only=True)
class _AddressEvent(PersonEvent):
    """An event of one of the person's addresses."""

    address: str


@dataclass(frozen=True, kw_only=True)
class AddressAdded(_AddressEvent):
    """The person proved a further address."""

    kind = "person.address_added"


@dataclass(frozen=True, kw_only=True)
class PrimaryAddressChanged(_AddressEvent):
    """Mail goes to this address from now on."""

    kind = "person.primary_address_changed"


@dataclass(frozen=True, kw_only=True)
class AddressRemoved(_AddressEvent):
    """The address is the person's no longer."""

    kind = "person.address_removed"


@dataclass(frozen=True, kw_only=True)
class PersonMerged(PersonEvent):
    """Who wrote from `address`, the former person `merged`, is this one."""

    kind = "person.merged"

    address: str | None
    merged: int


@dataclass(frozen=True, kw_only=True)
class PhoneAdded(PersonEvent):
    """The person calls from a further number."""

    kind = "person.phone_added"


@dataclass(frozen=True, kw_only=True)
class PhoneRemoved(PersonEvent):
    """The person no longer calls from a number."""

    kind = "person.phone_removed"


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(PersonEvent):
    """Name, language, time zone or the look of the pages."""

    kind = "person.profile_changed"


@dataclass(frozen=True, kw_only=True)
class NoticesChanged(PersonEvent):
    """The person changed how often they get mail about their requests."""

    kind = "person.notices_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(PersonEvent):
    """By somebody who knew the former one."""

    kind = "person.password_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordReset(PersonEvent):
    """By a link in a mail."""

    kind = "person.password_reset"


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(PersonEvent):
    """The person was logged out on so many devices."""

    kind = "person.sessions_ended"

    count: int


@dataclass(frozen=True, kw_only=True)
class SingleSignOnLinked(PersonEvent):
    """The person logs in by the organisation's server from now on."""

    kind = "person.single_sign_on_linked"


@dataclass(frozen=True, kw_only=True)
class TokenAdded(PersonEvent):
    """A new key for programs."""

    kind = "person.token_added"

    name: str


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(PersonEvent):
    """A key for programs opens nothing any more."""

    kind = "person.token_revoked"

    name: str


@dataclass(frozen=True, kw_only=True)
class LoginChanged(PersonEvent):
    """The person has another login; None: none but the address."""

    kind = "person.login_changed"

    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class CameFromDirectory(PersonEvent):
    """The person is that user of another system's directory."""

    kind = "person.came_from_directory"

    source_key: str


@dataclass(frozen=True, kw_only=True)
class ExportAsked(PersonEvent):
    """The person wants all that is kept about them."""

    kind = "person.export_asked"


@dataclass(frozen=True, kw_only=True)
class ErasureAsked(PersonEvent):
    """The person wants to be forgotten."""

    kind = "person.erasure_asked"


@dataclass(frozen=True, kw_only=True)
class ErasureTakenBack(PersonEvent):
    """The person stays after all."""

    kind = "person.erasure_taken_back"


@dataclass(frozen=True, kw_only=True)
class PersonErased(PersonEvent):
    """Nothing is left that tells who it was."""

    kind = "person.erased"


@dataclass(frozen=True, kw_only=True)
class _OrganizationEvent(TypedEvent):
    """An event of an organisation."""

    subject = "organization"


@dataclass(frozen=True, kw_only=True)
class OrganizationAdded(_OrganizationEvent):
    """An organization was created."""

    kind = "organization.added"

    name: str
    domains: tuple[str, ...]
    open_inside: bool


@dataclass(frozen=True, kw_only=True)
class OrganizationChanged(_OrganizationEvent):
    """The organization's name, domains or rule changed."""

    kind = "organization.changed"

    name: str
    domains: tuple[str, ...]
    open_inside: bool


@dataclass(frozen=True, kw_only=True)
class MemberSet(_OrganizationEvent):
    """The person belongs to it, and sees all its members' requests or not."""

    kind = "organization.member_set"

    person: int
    sees_all: bool


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(_OrganizationEvent):
    """The person belongs to it no more."""

    kind = "organization.member_removed"

    person: int
