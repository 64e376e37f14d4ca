"""Refusals of commands that send mail."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class NotifyRefusal(Refusal, about="notify"):
    ACCOUNT_IN_USE = _("This address has an account in use already.")
    CANNOT_BE_INVITED = _("This person has no mail address, or is switched off.")
    INVITED_JUST_NOW = _("An invitation was sent just now. Wait a little.")
    LEADS_ONLY = _("Only those who lead the desk may do that.")
    NOT_RESENDABLE = _("This mail cannot be written for somebody else. Write a new one.")
    NO_OWN_ADDRESS = _("You have no mail address of your own here, so nothing was sent.")
    SENT_ALREADY = _("This person was sent this mail already.")
    SUPPORT_ADDRESS = _("This is an address of the support itself.")
    TOO_MANY_LINKS = _("Links were mailed to many addresses today. Try again tomorrow.")
