"""The display name in the From header of mails that a desk sends."""

from collections.abc import Callable

from otklik.desks.models import Desk
from otklik.notify.texts.grammar import parse
from otklik.notify.texts.placeholders import SENDER
from otklik.notify.texts.render import subject_of, text_value


def sender_name(desk: Desk, agent: Callable[[], str]) -> str:
    """The name that the desk's pattern gives, such as "{agent.name} ({desk.name})"; 200 characters at most.

    The desk's own name if it has no valid pattern, or if the pattern names the agent but no agent wrote the message.
    `agent` returns the agent's name, "" for none, and is called only if the pattern needs it.
    """
    pattern = parse(desk.mail_name, SENDER)
    needs_agent = "agent.name" in pattern.names()
    name = agent() if needs_agent else ""
    if not desk.mail_name or pattern.mistakes or (needs_agent and not name):
        return desk.name
    return subject_of(desk.mail_name, SENDER, {"agent.name": text_value(name), "desk.name": text_value(desk.name)})[
        :200
    ]
