"""People around one ticket, one for each condition on recipients, and short names for their actions.

Customers: `anna` is the requester, `boris`, `late` and `new` are participants (`late` sees messages from 09:30 on,
`new` never had an account); `muted`, `gone`, `off` and `silent`, who has no address, must get no mail. Staff: the
`lead` is told of unassigned tickets; `agent` and `helper` work at the desk, too.
"""

from datetime import timedelta
from typing import Any

from otklik.desks.commands.create import set_role
from otklik.desks.models import Desk, Membership
from otklik.journal.models import Event
from otklik.journal.record import record
from otklik.mail.models import InboundMail, OutboundMail
from otklik.notify.plan import plan_mails
from otklik.people.actor import system
from otklik.people.commands.persons import ensure_person
from otklik.people.models import Person
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.comment import comment, hold_comment
from otklik.tickets.commands.fields import add_participant, assign, remove_participant
from otklik.tickets.commands.forward import forward_message, note_answer
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words
from otklik.tickets.models import Approval, Forward, Message, Participant, Ticket
from tests.acting import LATER, by
from tests.cast import START, Cast
from tests.cast import person as activated
from tests.portal.helpers import inbound_mail
from tests.tickets.commands.parts import transition

HALF_PAST = START + timedelta(minutes=30)
BEFORE = "before"  # the cause of mails that are no news


class Crowd:
    """The people by the first part of their address, and the actions that the tables of the tests name."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.desk, self.ticket = cast, cast.desk, cast.ticket
        for name in ("late", "new", "muted", "gone", "off", "silent"):
            person = ensure_person(address=f"{name}@clinic.test", name=name, at=START)[0]
            if name != "new":
                Person.objects.filter(pk=person.pk).update(activated_at=START)
            add_participant(**by(cast.lead), ticket=cast.ticket, person=person, sees_all=True)
        on_it = Participant.objects.filter(ticket=cast.ticket)
        on_it.filter(person__email__startswith="late").update(sees_from=HALF_PAST)
        on_it.filter(person__email__startswith="muted").update(muted=True)
        remove_participant(**by(cast.agent), ticket=cast.ticket, person=self.gone)
        Person.objects.filter(email__startswith="off").update(is_active=False)
        Person.objects.filter(email__startswith="silent").update(email=None)
        set_role(**by(), desk=self.desk, person=activated("helper", "helper@desk.test"), role="agent")
        Desk.objects.filter(pk=self.desk.pk).update(staff_told="leads", mail_switches={"status_changed": True})
        self.fresh()

    def __getattr__(self, name: str) -> Person:
        return Person.objects.get(email__regex=f"^{name}@")

    def fresh(self) -> None:
        """Mark all events so far as dispatched, so that no mail follows from them."""
        self.ticket = Ticket.objects.get(pk=self.ticket.pk)
        Event.objects.update(dispatched_at=LATER)

    def given_to(self, assignee: Person) -> None:
        assign(**by(self.lead), ticket=self.ticket, assignee=assignee)
        self.fresh()

    def leaves(self, person: Person) -> None:
        Membership.objects.filter(person=person).delete()

    def says(self, who: Person, text: str = "Слова", **more: Any) -> Message:
        return comment(**{**by(who), "ticket": self.ticket, "words": Words(text), **more})

    def mails(self, who: Person, **more: Any) -> Message:
        """Comment by mail, as an automatic sender would."""
        return self.says(who, actor=by(who, "mail")["actor"], inbound=a_mail(**more))

    def held(self, sender: str, **more: Any) -> Message:
        inbound = a_mail(from_address=sender, **more)
        claimed: dict[str, Any] = {"claimed_author": sender, "inbound": inbound, "why": ""}
        return hold_comment(at=LATER, ticket=self.ticket, words=Words("Слова"), **claimed)

    def steps(self, who: Person, name: str) -> None:
        change_status(**by(who), ticket=self.ticket, transition=transition(self.cast, name))

    def asked(self, *people: Person, agent: Person | None = None, rule: str = "one") -> Approval:
        approval = ask_approval(**by(agent or self.agent), ticket=self.ticket, people=people, rule=rule)
        self.ticket.refresh_from_db()
        return approval

    def sent_on(self, agent: Person) -> Forward:
        opening = self.ticket.messages.get(opening=True)
        more: dict[str, Any] = {
            "message": opening,
            "address": "shop@outside.test",
            "words": Words("Сделайте"),
            "said": "x",
        }
        return forward_message(**by(agent), **more)

    def answered(self, forward: Forward, **more: Any) -> None:
        claimed: dict[str, Any] = {"claimed_author": "shop@outside.test", "inbound": a_mail(**more), "why": ""}
        note_answer(at=LATER, forward=forward, words=Words("Готово"), **claimed)

    def tells(self, told: Any, by_whom: Person | None = None) -> None:
        record(told, about=self.ticket.pk, by=by(by_whom)["actor"], at=LATER)

    def opened(self, requester: Person, channel: str = "mail", **more: Any) -> None:
        inbound = a_mail(**more) if channel == "mail" else None
        values: dict[str, Any] = {
            "desk": self.desk,
            "channel": channel,
            "subject": "x",
            "words": Words("x"),
            "inbound": inbound,
        }
        open_ticket(actor=system("mail"), at=LATER, requester=requester, **values)

    def told(self) -> dict[str, str]:
        """Plan the mails for the events since `fresh`; return the recipients by kind, sorted and joined by spaces."""
        for event in Event.objects.filter(dispatched_at=None).order_by("id"):
            plan_mails([event], LATER)
        recipients: dict[str, set[str]] = {}
        for kind, address in OutboundMail.objects.exclude(cause=BEFORE).values_list("kind", "recipient"):
            recipients.setdefault(kind, set()).add(address.split("@")[0])
        return {kind: " ".join(sorted(names)) for kind, names in sorted(recipients.items())}


def a_mail(**more: Any) -> InboundMail:
    number = InboundMail.objects.count()
    mail = inbound_mail(f"Subject: {number}\r\n\r\nx".encode())
    InboundMail.objects.filter(pk=mail.pk).update(message_id=f"{number}@clinic.test", **more)
    mail.refresh_from_db()
    return mail
