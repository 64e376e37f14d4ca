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
class BeingMade:
    """`queue` 0: a new one. `said` and `columns`: what was typed in its form; `until`: a moment in ISO form."""

    queue: int
    name: str
    until: str
    said: dict[str, str] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)

    def form_url(self, **words: str) -> str:
        """The URL of the queue's form, with `words` as its query."""
        form = reverse("workspace:edit_queue", args=[self.queue]) if self.queue else reverse("workspace:add_queue")
        return f"{form}?{urlencode({**words, 'for': self.said.get('whose', '')})}"

    def initial(self, text: str | None) -> dict[str, Any]:
        """What stands in the form again; `text`: the filter that was chosen meanwhile, None for none."""
        return {**self.said, "columns": self.columns, **({} if text is None else {"jql": text})}


def keep(request: HttpRequest, queue: int, at: datetime) -> None:
    """The form as it was sent; one at a time."""
    said = {name: request.POST[name][:LONGEST] for name in _SAID if name in request.POST}
    columns = [column[:40] for column in request.POST.getlist("columns")[:50]]
    made = BeingMade(queue, said.get("name", ""), (at + _LASTS).isoformat(), said, columns)
    request.session[_KEY] = asdict(made)


def kept(request: HttpRequest, at: datetime) -> BeingMade | None:
    """The form that waits, unless it has waited for too long."""
    found = request.session.get(_KEY)
    made = BeingMade(**found) if found else None
    return made if made and datetime.fromisoformat(made.until) > at else None


def taken(request: HttpRequest, queue: int, at: datetime) -> BeingMade | None:
    """The form of this queue, which waits no longer then."""
    made = kept(request, at)
    if made is None or made.queue != queue:
        return None
    del request.session[_KEY]
    return made
