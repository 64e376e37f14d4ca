"""The refusals of the filter language."""

from otklik.core.errors import Refusal
from otklik.core.errors import to_translate as _


class JqlRefusal(Refusal, about="jql"):
    ARGUMENTS_WRONG = _("%(name)s() cannot be asked like this; for instance %(example)s.")
    CONDITION_EXPECTED = _("A condition is expected here, for instance status = Open.")
    CONNECTION_EXPECTED = _("AND, OR or ORDER BY is expected before “%(word)s”.")
    FIELD_EXPECTED = _("The name of a field is expected here, not “%(word)s”.")
    FIELD_UNKNOWN = _("There is no field “%(word)s”.")
    FIELD_UNKNOWN_NEAR = _("There is no field “%(word)s”. Is “%(near)s” meant?")
    FUNCTION_UNKNOWN = _("There is no function %(word)s().")
    FUNCTION_UNKNOWN_NEAR = _("There is no function %(word)s(). Is %(near)s() meant?")
    FUNCTION_NOT_HERE = _("%(word)s() says nothing about “%(field)s”.")
    LIST_EXPECTED = _("After “in” the values stand in brackets: in (a, b).")
    NOT_CLOSED = _("A closing bracket is missing.")
    NOT_HERE = _("“%(word)s” cannot stand here.")
    NOT_QUOTED = _("The quotation mark that opens here is never closed.")
    ORDER_EXPECTED = _("The name of a field to sort by is expected here.")
    NOT_SORTABLE = _("Tickets cannot be sorted by “%(field)s”.")
    SEVERAL_FIELDS = _("Several fields of different kinds are called “%(field)s”; use one of %(others)s.")
    NO_HISTORY = _("What “%(field)s” was before cannot be asked.")
    OPERATOR_EXPECTED = _("After “%(field)s” an operator is expected: =, !=, <, >, ~, in, is.")
    OPERATOR_NOT_HERE = _("“%(field)s” cannot be asked with %(operator)s; use %(others)s.")
    OPERATOR_UNKNOWN_NEAR = _("There is no operator %(word)s. Is %(near)s meant?")
    NOT_SUPPORTED = _("“%(word)s” is not supported here.")
    TOO_DEEP = _("The brackets are nested more than %(most)d deep.")
    TOO_LONG = _("The text has more than %(most)d characters.")
    TOO_MANY = _("The text has more than %(most)d conditions.")
    TOO_MANY_TO_SORT = _(
        "More than %(most)d requests would have to be sorted by “%(field)s”: add a narrower condition (a desk, a "
        "status, a time), or sort by created or updated."
    )
    TOO_MANY_WORDS = _("More than %(most)d words at once cannot be looked for.")
    VALUE_EXPECTED = _("A value is expected here; one with blanks stands in quotation marks.")
    VALUE_UNKNOWN = _("“%(field)s” has no value “%(word)s”.")
    VALUE_UNKNOWN_NEAR = _("“%(field)s” has no value “%(word)s”. Is “%(near)s” meant?")
    NOT_A_DATE = _('“%(word)s” is no date; write 2026-11-29, "2026-11-29 14:45" or -2d.')
    NOT_A_DATE_NEAR = _("“%(word)s” is no date here. Is %(near)s meant?")
    NOT_A_NUMBER = _("“%(word)s” is no number.")
    TEXT_EMPTY = _("There is no word to look for in “%(word)s”.")
    WILDCARD_FIRST = _("* and ? cannot begin a word: “%(word)s”.")
    EMPTY_NOT_HERE = _("EMPTY stands after =, !=, is and in only.")
    WHEN_TWICE = _("“%(word)s” stands twice.")
    SELF_UNKNOWN = _("currentUser() means nobody here: say as whom.")
