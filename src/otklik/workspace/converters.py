"""What a desk's key and a ticket's number look like in an address; the case does not matter."""

from django.urls import register_converter


class DeskKey:
    """ACCREDO"""

    regex = "[A-Za-z][A-Za-z0-9]{1,9}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class TicketKey(DeskKey):
    """ACCREDO-4"""

    regex = "[A-Za-z][A-Za-z0-9_]{1,19}-[0-9]{1,10}"


register_converter(DeskKey, "desk_key")
register_converter(TicketKey, "ticket_key")
