"""Events of persons and organisations, one class for each kind."""

from dataclasses import dataclass

from otklik.journal.events import TypedEvent


@dataclass(frozen=True, kw_only=True)
class PersonEvent(TypedEvent):
    """Base class of events whose subject is a person."""

    subject = "person"


@dataclass(frozen=True, kw_only=True)
class AddressGiven(PersonEvent):
    """A person without an address got one."""

    kind = "person.address_given"


@dataclass(frozen=True, kw_only=True)
class _AddressEvent(PersonEvent):
    """Base class of events about one address of a person."""

    address: str


@dataclass(frozen=True, kw_only=True)
class AddressAdded(_AddressEvent):
    """The person verified an additional address."""

    kind = "person.address_added"


@dataclass(frozen=True, kw_only=True)
class PrimaryAddressChanged(_AddressEvent):
    """The primary address was changed to this one."""

    kind = "person.primary_address_changed"


@dataclass(frozen=True, kw_only=True)
class AddressRemoved(_AddressEvent):
    """The address was removed from the person."""

    kind = "person.address_removed"


@dataclass(frozen=True, kw_only=True)
class PersonMerged(PersonEvent):
    """The person `merged`, known by `address`, was merged into this one."""

    kind = "person.merged"

    address: str | None
    merged: int


@dataclass(frozen=True, kw_only=True)
class PhoneAdded(PersonEvent):
    """A phone number was added."""

    kind = "person.phone_added"


@dataclass(frozen=True, kw_only=True)
class PhoneRemoved(PersonEvent):
    """A phone number was removed."""

    kind = "person.phone_removed"


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(PersonEvent):
    """Name, language, time zone or display settings changed."""

    kind = "person.profile_changed"


@dataclass(frozen=True, kw_only=True)
class NoticesChanged(PersonEvent):
    """The frequency of mail about requests changed."""

    kind = "person.notices_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(PersonEvent):
    """The person set a new password after entering the old one."""

    kind = "person.password_changed"


@dataclass(frozen=True, kw_only=True)
class PasswordReset(PersonEvent):
    """The person set a new password by a mailed link."""

    kind = "person.password_reset"


@dataclass(frozen=True, kw_only=True)
class SessionsEnded(PersonEvent):
    """`count` sessions of the person were ended."""

    kind = "person.sessions_ended"

    count: int


@dataclass(frozen=True, kw_only=True)
class SingleSignOnLinked(PersonEvent):
    """The account was linked to single sign-on."""

    kind = "person.single_sign_on_linked"


@dataclass(frozen=True, kw_only=True)
class TokenAdded(PersonEvent):
    """An API token was created."""

    kind = "person.token_added"

    name: str


@dataclass(frozen=True, kw_only=True)
class TokenRevoked(PersonEvent):
    """An API token was revoked."""

    kind = "person.token_revoked"

    name: str


@dataclass(frozen=True, kw_only=True)
class LoginChanged(PersonEvent):
    """The login name changed; None means that there is none besides the address."""

    kind = "person.login_changed"

    before: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class CameFromDirectory(PersonEvent):
    """The person was linked to a user of an external directory."""

    kind = "person.came_from_directory"

    source_key: str


@dataclass(frozen=True, kw_only=True)
class ExportAsked(PersonEvent):
    """The person requested an export of their data."""

    kind = "person.export_asked"


@dataclass(frozen=True, kw_only=True)
class ErasureAsked(PersonEvent):
    """The person requested erasure."""

    kind = "person.erasure_asked"


@dataclass(frozen=True, kw_only=True)
class ErasureTakenBack(PersonEvent):
    """The erasure request was withdrawn."""

    kind = "person.erasure_taken_back"


@dataclass(frozen=True, kw_only=True)
class PersonErased(PersonEvent):
    """All personal data of the person was erased."""

    kind = "person.erased"


@dataclass(frozen=True, kw_only=True)
class _OrganizationEvent(TypedEvent):
    """Base class of events whose subject is an organization."""

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
    """The organization's name, domains or visibility changed."""

    kind = "organization.changed"

    name: str
    domains: tuple[str, ...]
    open_inside: bool


@dataclass(frozen=True, kw_only=True)
class MemberSet(_OrganizationEvent):
    """The person became a member, or `sees_all` (sees all members' requests) changed."""

    kind = "organization.member_set"

    person: int
    sees_all: bool


@dataclass(frozen=True, kw_only=True)
class MemberRemoved(_OrganizationEvent):
    """The person is no longer a member."""

    kind = "organization.member_removed"

    person: int
