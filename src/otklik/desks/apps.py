"""Desks, request types, statuses, members, queues."""

from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "otklik.desks"
    label = "desks"
