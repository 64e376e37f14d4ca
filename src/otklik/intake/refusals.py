"""Refusals of commands on received mail."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class IntakeRefusal(Refusal, about="intake"):
    ADDRESS_OF_OWN_DESK = _("This is an address of your own desk.")
    DOMAIN_TOO_LARGE = _("Too many people write from this domain: decide about single addresses.")
    FILED_ALREADY = _("This mail is filed already.")
    HELD_IN_REQUEST = _("The mail is held inside this request: admit it there.")
    IMPORT_TAKEN_BACK = _("This import was taken back already.")
    IN_REQUEST_ALREADY = _("The mail is in this request already.")
    IS_REQUEST_ALREADY = _("The mail is the request %(key)s already.")
    IS_SPAM = _("The mail is marked as spam: take that back first.")
    MAILBOX_WITHOUT_DESK = "The mailbox %(address)s belongs to no desk."
    NOT_BY_MAIL = _("The request did not come by mail.")
    NOT_HELD = _("This mail is not held inside a request.")
    NOT_SPAM = _("The mail is not marked as spam.")
    NOT_TO_RUN_AGAIN = _("Only held and failed mails can be run again.")
    ORIGINAL_GONE = _("The original of this mail is no longer kept.")
    PART_OF_REQUEST = _("The mail is part of %(key)s: make a request of it first.")
    REQUEST_OF_OTHER_DESK = _("The request must be one of this desk.")
    SPAM_ALREADY = _("The mail is marked as spam already.")
    STILL_WAITING = _("The mail waits to be processed. Try again in a moment.")
    UNREADABLE = _("The mail cannot be read: %(reason)s")
