"""URL path converters for desk keys and ticket numbers; case-insensitive."""

from django.urls import register_converter


class DeskKey:
    """A desk's key such as ACCREDO, in any case; converted to upper case."""

    regex = "[A-Za-z][A-Za-z0-9]{1,9}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class TicketKey(DeskKey):
    """A ticket's key such as ACCREDO-4, in any case; converted to upper case."""

    regex = "[A-Za-z][A-Za-z0-9_]{1,19}-[0-9]{1,10}"


register_converter(DeskKey, "desk_key")
register_converter(TicketKey, "ticket_key")
