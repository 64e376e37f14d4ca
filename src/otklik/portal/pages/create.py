"""Page data for opening a ticket: the form and its draft."""

from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse

from otklik.desks.access import is_agent
from otklik.desks.models import Desk, RequestType
from otklik.desks.queries import form_rows
from otklik.desks.texts import text_of
from otklik.people.models import Person
from otklik.portal.forms.ticket import NewRequestForm
from otklik.portal.pages.brand import Brand, brand_of
from otklik.tickets.answers.form import Part, rows_in_form
from otklik.tickets.answers.respondent import Asked
from otklik.tickets.content import NewFile
from otklik.tickets.drafts import DraftPart, files_of
from otklik.tickets.models import Draft


@dataclass(frozen=True, slots=True)
class CreatePage:
    """The page with the form of a new request. `draft`: for logged-in readers only."""

    desk_id: int
    desk_name: str
    name: str
    help: str
    icon: str
    form: NewRequestForm
    parts: list[Part]
    upload_url: str
    draft: DraftPart | None
    brand: Brand


def create_page(desk: Desk, kind: RequestType, form: NewRequestForm, draft: DraftPart | None = None) -> CreatePage:
    """Build the page around a form."""
    known = form.asked.person is not None
    where = [desk.pk, kind.pk]
    return CreatePage(
        desk_id=desk.pk,
        desk_name=text_of(desk, "name"),
        name=text_of(kind, "name"),
        help=text_of(kind, "help"),
        icon=kind.icon,
        form=form,
        parts=form.parts(),
        upload_url=reverse("portal:upload", args=where) if known else "",
        draft=draft,
        brand=brand_of(desk),
    )


def asked_of(person: Person | None, desk: Desk) -> Asked:
    """Return the respondent of a form: `person`, None if anonymous, and whether they are an agent of the desk."""
    return Asked(person, is_agent=person is not None and is_agent(person, desk))


def request_form(
    desk: Desk,
    kind: RequestType,
    person: Person | None,
    data: QueryDict | None = None,
    files: object = None,
    *,
    initial: dict[str, object] | None = None,
    kept: dict[str, list[NewFile]] | None = None,
) -> NewRequestForm:
    """Return the form of the type for this person. Two queries for its fields."""
    asked = asked_of(person, desk)
    return NewRequestForm(
        rows_in_form(form_rows(kind)),
        asked,
        data,
        files,
        initial=initial,
        kept=kept,
        on_behalf=person is not None and (asked.is_agent or (desk.on_behalf and bool(asked.organizations))),
    )


def with_draft(desk: Desk, kind: RequestType, person: Person, draft: Draft, nonce: str) -> NewRequestForm:
    """Return the form filled from the draft, without errors for missing answers."""
    data = QueryDict(mutable=True)
    for name, values in draft.words.items():
        data.setlist(name, list(values))
    data["nonce"] = nonce
    form = request_form(desk, kind, person, data, kept=files_of(draft))
    form.forgiving()
    return form
