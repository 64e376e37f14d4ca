"""App `tickets`: tickets, their messages, and search."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "otklik.tickets"
    label = "tickets"
