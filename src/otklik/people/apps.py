"""Persons, organisations, login."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "otklik.people"
    label = "people"
