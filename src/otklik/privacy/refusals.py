"""The refusals of erasing people."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class PrivacyRefusal(Refusal, about="privacy"):
    ERASED_ALREADY = _("This person was erased already.")
    TOO_EARLY = _("The time to think it over has not passed yet.")
    WORKS_AT_DESK = _("This person works at a desk. Take the role away first.")
