"""All placeholders: name, meaning and an example."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """A placeholder. `block`: a paragraph of its own, such as a button."""

    name: str
    about: Text
    sample: Text = ""
    block: bool = False


PLACES: tuple[PlaceKind, ...] = (
    PlaceKind("ticket.key", _("the number of the request"), "ACCREDO-4"),
    PlaceKind(
        "ticket.subject", _("its subject; empty where the sender is not verified"), _("The protocol does not open")
    ),
    PlaceKind("ticket.status", _("its status"), _("In progress")),
    PlaceKind("ticket.type", _("its request type"), _("Problem")),
    PlaceKind(
        "ticket.answers",
        _("all answers to its form, one a line; empty for whoever joined later"),
        block=True,
    ),
    PlaceKind(
        "ticket.requester",
        _("who asks; empty where the sender is not verified"),
        _("Anna Petrova (anna@example.org)"),
    ),
    PlaceKind(
        "ticket.text",
        _("how the request begins; empty where the sender is not verified"),
        _("Please open the archive to our new doctor."),
        block=True,
    ),
    PlaceKind("ticket.files", _("the names of its files; empty where the sender is not verified"), "contract.pdf"),
    PlaceKind("ticket.link", _("the address of its page, as a link")),
    PlaceKind("person.name", _("whom the mail goes to; empty where the sender is not verified"), _("Anna Petrova")),
    PlaceKind("actor.name", _("who did it; empty where the sender is not verified"), _("Gleb Orlov")),
    PlaceKind(
        "actor.who",
        _("who did it: a customer with the mail address, an agent by name; empty where the sender is not verified"),
        _("Gleb Orlov (gleb@example.org)"),
    ),
    PlaceKind("person.new", _("for {if person.new}: the person has neither written nor logged in yet")),
    PlaceKind("desk.name", _("the name of the service desk")),
    PlaceKind("desk.phone", _("its phone number; may be empty")),
    PlaceKind("desk.address", _("its mail address")),
    PlaceKind("site.name", _("the name of the whole site")),
    PlaceKind("button.open", _("the button that opens the request"), block=True),
    PlaceKind("comment.author", _("who wrote the message"), _("Gleb Orlov")),
    PlaceKind("comment.text", _("the message itself"), _("We have repaired it. Please try again."), block=True),
    PlaceKind("status.before", _("the status before the change"), _("In progress")),
    PlaceKind("status.after", _("the new status; empty when it did not change"), _("Closed")),
    PlaceKind("status.closed", _("for {if status.closed}: the request was closed in the same step"), _("Closed")),
    PlaceKind(
        "rating.links",
        _("five links to rate the help; empty for everybody but the requester of a closed request"),
        block=True,
    ),
    PlaceKind("approval.question", _("what the agent asks; may be empty"), _("Is the new account in order?")),
    PlaceKind("approval.name", _("who decided"), _("Boris Petrov")),
    PlaceKind("approval.words", _("what they said to it; may be empty"), _("Yes, please.")),
    PlaceKind("approval.given", _("for {if approval.given}: it was approved, not declined"), _("yes")),
    PlaceKind("button.approve", _("the button that opens the request for an answer"), block=True),
    PlaceKind(
        "button.answer",
        _("the button that leads to the answer without login; empty where the desk does not want that"),
        block=True,
    ),
    PlaceKind("button.reopen", _("the button that opens the request again"), block=True),
    PlaceKind("button.activate", _("the button that activates the account"), block=True),
    PlaceKind("people.left", _("the addresses that were not added"), "anna@example.org, ivan@example.org"),
    PlaceKind("mail.from", _("the address from which the held mail came"), "anna@example.org"),
    PlaceKind(
        "forward.words", _("what the agent wrote to it; may be empty"), _("Can you repair it this week?"), block=True
    ),
    PlaceKind(
        "forward.text", _("the message that was forwarded"), _("The printer on the third floor is silent."), block=True
    ),
    PlaceKind("forward.author", _("who wrote the forwarded message"), _("Anna Petrova")),
    PlaceKind("forward.date", _("when it was written"), "30.11.2026 14:25"),
    PlaceKind("forward.address", _("to which address it was forwarded"), "repairs@example.org"),
    PlaceKind("agent.name", _("the agent who wrote; empty where nobody did")),
    PlaceKind("reply.why", _("why the reply was not sent"), _("The customer has written since.")),
    PlaceKind("reply.text", _("the reply that was not sent"), _("We come tomorrow at ten."), block=True),
    PlaceKind("failure.address", _("the address that does not take our mail"), "anna@example.org"),
    PlaceKind("failure.words", _("what the mail server said"), "550 5.1.1 User unknown"),
)
# For the sender's name in From.
SENDER = ("agent.name", "desk.name")
BY_NAME = {place.name: place for place in PLACES}
BLOCKS = frozenset(place.name for place in PLACES if place.block)
DESK = ("desk.name", "desk.phone", "desk.address", "site.name", "person.name")
FORWARD = ("forward.words", "forward.text", "forward.author", "forward.date")
TICKET = (
    "ticket.key",
    "ticket.subject",
    "ticket.status",
    "ticket.type",
    "ticket.answers",
    "ticket.link",
    "button.open",
    *DESK,
    "person.new",
    "actor.name",
    "actor.who",
)
