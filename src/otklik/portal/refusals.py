"""Refusals of portal views, raised before any command is called."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class PortalRefusal(Refusal, about="portal"):
    STEP_GONE = _("The request has changed meanwhile. Look at its status and try again.")
