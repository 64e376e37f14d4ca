"""Tickets and their messages."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    name = "otklik.tickets"
    label = "tickets"
