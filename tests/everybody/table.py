"""The table of all pages (pages.txt), and the data that every page needs."""

from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from otklik.desks.models import Resolution
from otklik.mail.models import InboundMail
from otklik.people.actor import Actor
from otklik.tickets.approvals import vote_token
from otklik.tickets.bulk.acts import Label
from otklik.tickets.commands.approve import ask_approval
from otklik.tickets.commands.bulk import prepare_bulk
from otklik.tickets.commands.comment import comment
from otklik.tickets.commands.open import open_ticket
from otklik.tickets.commands.status import change_status
from otklik.tickets.content import Words, written
from otklik.tickets.ratings import rating_token
from tests.cast import Cast
from tests.tickets.bulk.parts import begun, done


@dataclass(frozen=True)
class Row:
    who: str
    name: str
    path: str
    more: bool


def rows() -> list[Row]:
    """Read the table."""
    lines = Path(__file__).with_name("pages.txt").read_text(encoding="utf-8").splitlines()
    split = [line.split() for line in lines if line and not line.startswith("#")]
    return [Row(who, name, path, rest == ["more"]) for who, name, path, *rest in split]


ROWS = rows()


def fill(cast: Cast) -> dict[str, object]:
    """Add what the pages show to the cast and `put_mail`; return the value of each {placeholder} of the table."""
    queues = {queue.name: queue.pk for queue in cast.desk.queues.all()}
    return {
        "desk": cast.desk.pk,
        "project": cast.desk.key,
        "key": cast.ticket.key,
        "type": cast.desk.request_types.order_by("position")[0].pk,
        "queue": queues["Все открытые"],
        "empty": queues["Закрытые"],
        "mail": InboundMail.objects.get().pk,
        "resolution": Resolution.objects.order_by("position")[0].pk,
        "message": cast.ticket.messages.order_by("id")[0].pk,
        **_closed(cast),
        **_bulk(cast),
    }


def _bulk(cast: Cast) -> dict[str, object]:
    """Create three bulk runs: prepared, running and finished."""
    changed = done(cast.agent, [cast.ticket], Label(["важно"]), timezone.now()).pk
    running = begun(cast.agent, [cast.ticket], Label(["срочно"])).pk
    chosen = prepare_bulk(
        actor=Actor(cast.agent, "agent"), at=timezone.now(), tickets=[cast.ticket.pk], back="/issues/"
    )
    return {"changed": changed, "running": running, "chosen": chosen.pk}


def _closed(cast: Cast) -> dict[str, object]:
    """Create a ticket that waits for an approval and a closed one with a rating and an editable comment."""
    now = timezone.now()
    agent, anna = Actor(cast.agent, "agent"), Actor(cast.anna, "portal")
    asked = [cast.boris, cast.lead]
    approval = ask_approval(actor=agent, at=now, ticket=cast.ticket, people=asked, rule="all", question="Можно?")
    by_link = f"/servicedesk/customer/approval/{vote_token(approval.votes.get(person=cast.lead))}"
    new = open_ticket(
        actor=anna, at=now, desk=cast.desk, channel="portal", subject="Закрытый", words=Words("x"), requester=cast.anna
    )
    own = comment(actor=anna, at=now, ticket=new, words=written("**важно** `код`\n\n- раз\n\n> цитата"))
    new.refresh_from_db()
    closing = cast.desk.transitions.get(name="Закрыть")
    change_status(actor=agent, at=now, ticket=new, transition=closing)
    link = f"/servicedesk/customer/rating/{rating_token(new.participants.get())}?score=4"
    return {"closed": new.key, "own": own.pk, "rating": link, "by_link": by_link}
