"""Page data for the guide's illustrations: real parts of the portal with example content."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from otklik.desks.access import Viewer, usable_types
from otklik.desks.models import Desk
from otklik.desks.queries import first_status, form_rows
from otklik.desks.texts import name_of
from otklik.people.models import Person
from otklik.portal.forms.account import FirstPasswordForm, ForgotForm
from otklik.portal.pages.desk import TypeCard
from otklik.tickets.answers.form import AnswersForm, Part, default_rows, rows_in_form
from otklik.tickets.answers.respondent import Asked

CARDS_SHOWN, PARTS_SHOWN = 3, 2


@dataclass(frozen=True, slots=True)
class Illustrations:
    """Parts of real pages. `key`, `subject`, `answer`: example texts; `at`: the time of the example reply."""

    cards: list[TypeCard]
    form_name: str
    parts: list[Part]
    password: FirstPasswordForm
    forgot: ForgotForm
    key: str
    subject: str
    answer: str
    agent: str
    status: str
    category: str
    at: datetime


def illustrations_for(desk: Desk, viewer: Viewer, cards: list[TypeCard], at: datetime) -> Illustrations:
    """Return the illustrations for a desk. Three queries.

    The forms are only shown; their fields have ids of their own to avoid duplicates.
    """
    kind = usable_types(viewer, desk).first()
    rows = rows_in_form(form_rows(kind)) if kind else default_rows()
    status = first_status(desk)
    return Illustrations(
        cards=cards[:CARDS_SHOWN],
        form_name=cards[0].name if cards else "",
        parts=AnswersForm(rows, Asked(None), auto_id="guide_%s").parts()[:PARTS_SHOWN],
        password=FirstPasswordForm(auto_id="guide_%s", user=Person()),
        forgot=ForgotForm(auto_id="guide_%s"),
        key=f"{desk.key}-4",
        subject=_("The record of the meeting does not open"),
        answer=_("Hello! We have corrected it. Please try again and tell us whether it opens."),
        agent=_("Support agent"),
        status=name_of(status),
        category=status.category,
        at=at - timedelta(minutes=35),
    )
