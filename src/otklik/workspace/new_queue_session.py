"""A queue whose conditions are chosen by chips: they are on the page of a filter, so its form waits in the session."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from otklik.tickets.jql.parse import LONGEST

_KEY, _LASTS = "workspace_queue_being_made", timedelta(hours=1)
_SAID = ("name", "icon", "whose", "before", "jql")


@dataclass(frozen=True, slots=True)
class UnfinishedQueue:
    """The stored form. `queue`: 0 for a new one; `said`, `columns`: what was entered; `until`: expiry in ISO format."""

    queue: int
    name: str
    until: str
    said: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)

    def form_url(self, **parameters: str) -> str:
        """Return the URL of the queue's form with these query parameters."""
        form = reverse("workspace:edit_queue", args=[self.queue]) if self.queue else reverse("workspace:add_queue")
        return f"{form}?{urlencode({**parameters, 'for': self.said.get('whose', '')})}"

    def initial(self, text: str | None) -> dict[str, Any]:
        """Return initial values for the form; `text` is the filter chosen meanwhile, None to keep the former."""
        return {**self.said, "columns": self.columns, **({} if text is None else {"jql": text})}


def store_form(request: HttpRequest, queue: int, at: datetime) -> None:
    """Store the posted form in the session; it replaces one stored before."""
    typed = {name: request.POST[name][:LONGEST] for name in _SAID if name in request.POST}
    columns = [column[:40] for column in request.POST.getlist("columns")[:50]]
    form = UnfinishedQueue(queue, typed.get("name", ""), (at + _LASTS).isoformat(), typed, columns)
    request.session[_KEY] = asdict(form)


def stored_form(request: HttpRequest, at: datetime) -> UnfinishedQueue | None:
    """Return the stored form, or None if there is none or it has expired."""
    stored = request.session.get(_KEY)
    form = UnfinishedQueue(**stored) if stored else None
    return form if form and datetime.fromisoformat(form.until) > at else None


def take_form(request: HttpRequest, queue: int, at: datetime) -> UnfinishedQueue | None:
    """Remove the stored form of this queue from the session and return it; None if there is none."""
    form = stored_form(request, at)
    if form is None or form.queue != queue:
        return None
    del request.session[_KEY]
    return form
