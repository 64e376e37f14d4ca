"""App `tickets`: tickets, their messages, and the search for them."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "otklik.tickets"
    label = "tickets"
