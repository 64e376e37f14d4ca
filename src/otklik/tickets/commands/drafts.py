"""Keep what somebody began to write. No events: a draft is nobody's business but its writer's."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from otklik.desks.models import RequestType
from otklik.people.models import Person
from otklik.tickets.answers.files import as_json
from otklik.tickets.commands.base import NewFile
from otklik.tickets.models import Draft

LONGEST = 300_000


def keep_draft(
    *,
    person: Person,
    at: datetime,
    request_type: RequestType,
    words: Mapping[str, Sequence[str]],
    files: Mapping[str, Sequence[NewFile]],
) -> None:
    """Remember the words ({form field: values as typed}) and files; nothing typed: forget the draft.

    Words beyond LONGEST characters altogether are not kept.
    """
    kept, left = {}, LONGEST
    for name, values in words.items():
        left -= sum(len(value) for value in values)
        if left >= 0 and any(value.strip() for value in values):
            kept[name] = list(values)
    if not kept and not any(files.values()):
        drop_draft(person=person, request_type=request_type)
        return
    said = {name: [as_json(file) for file in some] for name, some in files.items() if some}
    Draft.objects.update_or_create(
        person=person, request_type=request_type, defaults={"words": kept, "files": said, "updated_at": at}
    )


def drop_draft(*, person: Person, request_type: RequestType) -> None:
    """Forget it: it was sent, or thrown away."""
    Draft.objects.filter(person=person, request_type=request_type).delete()
