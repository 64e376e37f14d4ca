"""Refusals of workspace views, raised before any command is called."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class WorkspaceRefusal(Refusal, about="workspace"):
    ASSIGNEE_NOT_A_MEMBER = _("Choose somebody who works at this desk.")
    CALLER_GONE = _("Choose the caller again.")
    CALLER_MAY_BE_KNOWN = _("People like this have asked before: choose one of them, or tick “None of them” below.")
    DRAFT_FILE_UNREADABLE = _("A file of the draft can no longer be read. Attach it again.")
    EXPORT_TOOK_TOO_LONG = _("The file was not made within %(minutes)d minutes. Ask for less.")
    NO_REQUESTER = _("Nobody asked for this request.")
    TYPE_NOT_CHOSEN = _("Choose a request type of this desk.")
    WRITER_WITHOUT_ADDRESS = _("The mail names no address of its writer.")
