"""What commands on tickets refuse."""

from otklik.core.errors import Refusal, Term
from otklik.core.errors import to_translate as _

# What stands in a field that holds nothing, as VALUE_CHANGED names it.
NOBODY = Term(_("nobody"))
NO_DAY = Term(_("no day"))
NO_LABELS = Term(_("no labels"))
NO_RESOLUTION = Term(_("none"))
NO_TYPE = Term(_("no type"))


class TicketRefusal(Refusal, about="ticket"):
    ACCOUNT_OFF = _("This person's account is switched off.")
    ADDRESS_INCOMPLETE = _("Share by the whole mail address, please.")
    ADDRESS_NOT_IN_MAIL = _("The mail does not name this address.")
    ADMINS_ONLY = _("Only admins of the site may do that.")
    ADMITTED_ALREADY = _("This message was admitted already.")
    ANSWERS_CHANGED = _(
        "%(who)s changed the answers meanwhile. What you typed stands below; save it again to put it there."
    )
    APPROVAL_DECIDED = _("This approval is decided already.")
    APPROVAL_PENDING = _("An approval is being waited for already.")
    APPROVERS_MISSING = _("Say whose approval is needed.")
    APPROVER_CANNOT_REQUEST = _(
        "%(name)s is asked for the approval of this request. Stop asking first: nobody approves an own one."
    )
    APPROVER_WITHOUT_ADDRESS = _("Only people with a mail address can be asked.")
    CHANGED_MEANWHILE = _("The request has changed while you were writing.")
    CLOSED = _("The request is closed.")
    CUSTOMER_WROTE = _("The customer has written since.")
    DESK_ADDRESS = _("This is the address of a desk.")
    EDIT_EMPTY = _("Write something, or withdraw the message.")
    FILE_OF_OTHER_MESSAGE = _("One of the files is not of this message. Nothing was sent.")
    FILES_TOO_LARGE = _("Together these files are too large for one mail. Nothing was sent; choose fewer.")
    FILES_UNREADABLE = _("Its files can no longer be read. Take it back and write it again.")
    FILE_TOO_LARGE = _("One of the files is too large. Nothing was sent.")
    FORWARD_CHANGED = _("The message was changed meanwhile. Nothing was sent; below it is as it stands now.")
    FORWARD_GONE = _("It has gone already, or was taken back.")
    FORWARDED_TOO_OFTEN = _("You have forwarded %(most)d messages within an hour. Try again later.")
    KEY_INVALID = _("«%(key)s» is no key of a request; ABC-12 is one.")
    KEY_AHEAD = (
        "The desk %(desk)s has given the numbers to %(last)s. With %(key)s as a former key its next request would be"
        " %(desk)s-%(following)s. If that is meant, say so: --skip-numbers."
    )
    KEY_IN_USE = _("%(key)s is the key of a request.")
    KEY_WAS_USED = _("%(key)s was the key of another request.")
    LABEL_INVALID = _("A label is one word without blanks: “%(label)s”.")
    LABEL_TOO_LONG = _("A label has at most %(most)s characters: “%(label)s…”.")
    LINKED_WITH_ITSELF = _("A request is not linked with itself.")
    LINK_KIND_UNKNOWN = _("There is no such kind of link.")
    NOTHING_WRITTEN = _("Write something or attach a file.")
    NOT_AN_APPROVER = _("You are not asked for this approval.")
    NOT_A_MEMBER = _("%(name)s does not work at this desk.")
    NOT_CLOSABLE = _("The request cannot be closed now.")
    NOT_FORWARDABLE = _("This message cannot be forwarded: it is held, withdrawn or a note of the staff.")
    NOT_OWN_MESSAGE = _("Only a message of one's own can be changed.")
    NOT_RATABLE = _("This request cannot be rated now.")
    NO_ROOM = _("There is no room for files just now. Nothing was sent; try again later, or without files.")
    ON_THE_REQUEST = _("%(address)s is on the request already: write a reply instead.")
    ORGANIZATION_NOT_OF_REQUESTER = _("A request can be shared with an organisation of its requester only, by them.")
    OTHERS_HAVE_WRITTEN = _("Others have written on this request, so its first message stays there.")
    OWN_REQUEST = _("Nobody approves an own request.")
    PARTICIPANTS_ONLY = _("Only people on the request may do that.")
    PEOPLE_ONLY = _("Only people can write a reply for later.")
    PERSON_NOT_CHOSEN = _("Choose somebody from the list.")
    PRIORITY_OF_OTHER_DESK = _("This priority belongs to another desk.")
    PROGRAM_FAULT = _("It could not be sent: an error in the program, which its log tells the administrator.")
    QUESTION_MISSING = _("Write your question.")
    RATING_INVALID = _("Choose a number from 1 to 5.")
    REASON_MISSING = _("Say why: a refusal needs a reason, so that people know what to do.")
    REPLY_GONE = _("This reply has gone already, or was taken back.")
    REQUESTER_ONLY = _("Only the requester can show what was written before.")
    REQUESTER_STAYS = _("The requester stays on the request.")
    REQUEST_OF_OTHER_DESK = _("This request belongs to another desk.")
    RESOLUTION_RETIRED = _("This resolution is out of use.")
    STAFF_ONLY = _("Only the staff of this desk may do that.")
    STEP_UNKNOWN = _("This step cannot be done from here.")
    SUBJECT_MISSING = _("A request needs a subject.")
    TIME_PASSED = _("This time has passed.")
    TIME_TOO_FAR = _("This time is more than a year away.")
    TOO_LATE_TO_EDIT = _("It is too late to change this message. Write another one.")
    TOO_MANY_APPROVERS = _("At most %(count)d people can be asked at once.")
    TOO_MANY_LABELS = _("A request has at most %(most)s labels.")
    TOO_MANY_LINKS = _("%(key)s has %(most)s links already; there cannot be more.")
    TOO_MANY_NEW_PEOPLE = _(
        "You have added as many new people today as one person may. Ask the support to add this one, or do it"
        " tomorrow. Whoever has written here before can still be added."
    )
    TOO_MANY_PEOPLE = _("Too many people are on the request already.")
    TOO_MANY_QUESTIONS = _("You have asked a lot already. Please decide, or talk to each other directly.")
    TRANSITION_NOT_ALLOWED = _("«%(act)s» cannot be done now: the request is in «%(status)s».")
    TYPE_OF_OTHER_DESK = _("This request type belongs to another desk.")
    TYPE_RETIRED = _("This request type is out of use.")
    UNRESOLVED = _("An open request has no resolution.")
    VALUE_CHANGED = _("%(who)s was first: “%(now)s” stands there now. Look at it and choose again.")
