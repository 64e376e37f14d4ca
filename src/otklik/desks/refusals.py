"""Refusals of commands on desks."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class DeskRefusal(Refusal, about="desk"):
    ADDRESS_OF_OTHER_DESK = "%(email)s belongs to another desk already."
    ADDRESS_TAKEN = "%(email)s belongs to the desk %(desk)s already."
    CANNED_ANSWERS_TOO_MANY = _("There are %(most)s canned answers already; delete one first.")
    CANNED_ANSWER_NAME_TAKEN = _("There is a canned answer of this name in this folder already.")
    CANNED_ANSWER_OF_OTHERS = _("This canned answer belongs to somebody else.")
    CHANGED_SINCE = _("It has been changed again since. Take the newer change back first.")
    CHANGE_NOT_REVERSIBLE = _("This change cannot be taken back.")
    ENTRY_NAME_TAKEN = _("There is “%(name)s” already, perhaps out of use.")
    FIELD_KIND_UNKNOWN = _("There is no such kind of field.")
    FIELD_OF_OTHER_DESK = _("This field belongs to another desk.")
    FIELD_ON_FORM = _("The form asks this already.")
    KEY_INVALID = "«%(key)s» is no key: 2 to 10 capital Latin letters and digits, first a letter."
    KEY_TAKEN = "There is a desk %(key)s already."
    LAST_ADMIN = "This is the only administrator. Make another one first."
    LAST_ENTRY = _("One entry must stay in use.")
    LEADS_ONLY = _("Only those who lead this desk may do that.")
    NAME_LENGTH = _("A name has 1 to %(most)s characters.")
    NOT_AN_ADMIN = "%(email)s does not run the site."
    NOT_A_MEMBER = "%(email)s does not work at %(desk)s."
    PERSON_ERASED = "This person was erased."
    QUEUE_CHANGED_MEANWHILE = _(
        "Somebody changed this queue meanwhile. What you typed stands below; save it again to put it there."
    )
    QUEUES_TOO_MANY = _("There are %(most)s queues already; delete one first.")
    QUEUE_NAME_TAKEN = _("There is a queue of this name already, perhaps a hidden one.")
    QUEUE_OF_OTHERS = _("This queue belongs to somebody else.")
    RESOLUTION_UNKNOWN = _("Choose a resolution from the list.")
    ROLE_UNKNOWN = "«%(role)s» is no role; there are %(known)s."
    TYPE_NAME_TAKEN = _("There is a request type of this name already, perhaps an archived one.")
