"""Refusals of commands on persons, their addresses, tokens and organisations."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class PersonRefusal(Refusal, about="person"):
    ADDRESS_TAKEN = _("This address is somebody else's. Choose that person.")
    ADMINS_ONLY = _("Only administrators may do that.")
    BAD_ADDRESS = _("This is not a mail address.")
    CALLER_NAME_MISSING = _("A caller without an address needs a name.")
    DOMAIN_INVALID = _("«%(domain)s» is no mail domain.")
    DOMAIN_PUBLIC = _("Anybody may have an address of «%(domain)s»: it stands for no organisation.")
    DOMAIN_TAKEN = _("«%(domain)s» belongs to another organisation.")
    EXPORT_UNDER_WAY = _("Your data are being collected already.")
    HAS_ADDRESS = _("This person has a mail address already.")
    LINK_GONE = _("This link no longer works.")
    LOGIN_INVALID = _("A login has 1 to %(most)s characters, no blanks and no @: a mail address is a login anyway.")
    LOGIN_TAKEN = _("«%(login)s» is another person's login.")
    MAIN_ADDRESS_STAYS = _("The main address cannot be removed: choose another one first.")
    NAME_MISSING = _("A name is needed.")
    NOTHING_TO_TAKE_BACK = _("There is nothing to take back.")
    NOT_FOR_MAIN_ADDRESS = _("This cannot be the main address.")
    ORGANIZATION_NAME = _("An organisation needs a name that no other one has.")
    OWN_ADDRESS_ALREADY = _("This is your address already.")
    PHONE_INVALID = _("This is not a telephone number.")
    RATE_EXCEEDED = _("The token has been used too often. Wait a minute.")
    RATE_INVALID = _("A token works 1 to %(most)s times a minute.")
    SCOPE_MISSING = _("Say what the token may do: read, write, admin.")
    SOURCE_KEY_LENGTH = _("The key of a directory has 1 to 200 characters.")
    TOKEN_NAME_MISSING = _("Give the token a name, so that you know later what it is for.")
    TOO_MANY_ADDRESSES = _("There are enough addresses. Remove one first.")
    TOO_MANY_DOMAINS = _("These are too many domains.")
    TOO_MANY_TOKENS = _("There are enough tokens. Revoke one first.")
