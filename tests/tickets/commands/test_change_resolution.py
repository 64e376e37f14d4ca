"""`change_resolution` changes the resolution."""

from otklik.journal.models import Event
from otklik.people.actor import Actor
from otklik.tickets.commands.properties import change_resolution
from otklik.tickets.commands.stale_values import Shown
from tests.cast import Cast
from tests.refusing import refused_as
from tests.tickets.test_resolutions import LATER, done, step


def test_agents_say_otherwise_how_it_ended(cast: Cast) -> None:
    step(cast, "Закрыть")
    agent = {"actor": Actor(cast.agent, "agent"), "at": LATER, "ticket": cast.ticket}
    with refused_as("ticket.value_changed"):
        change_resolution(**agent, resolution=done("Дубликат"), shown=Shown(None))
    assert change_resolution(**agent, resolution=done("Дубликат"), shown=Shown(done().pk)).resolution == done(
        "Дубликат"
    )
    event = Event.objects.latest("id")
    assert (event.data["before"], event.data["after"], event.changes.get().new) == ("Готово", "Дубликат", "Дубликат")
    change_resolution(**agent, resolution=done("Дубликат"))
    assert Event.objects.latest("id") == event
