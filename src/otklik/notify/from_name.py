"""Whose name stands in From."""

from collections.abc import Callable

from otklik.desks.models import Desk
from otklik.notify.texts.grammar import parse
from otklik.notify.texts.placeholders import SENDER
from otklik.notify.texts.render import subject_of, text_value


def sender_name(desk: Desk, agent: Callable[[], str]) -> str:
    """The name by the desk's pattern, "{agent.name} ({desk.name})" for instance; the desk's name where it has none,
    or where the pattern wants an agent and no agent wrote. `agent` is asked only when the pattern needs it."""
    pattern = parse(desk.mail_name, SENDER)
    wants = pattern.names()
    name = agent() if "agent.name" in wants else ""
    if not desk.mail_name or pattern.mistakes or ("agent.name" in wants and not name):
        return desk.name
    return subject_of(desk.mail_name, SENDER, {"agent.name": text_value(name), "desk.name": text_value(desk.name)})[
        :200
    ]
