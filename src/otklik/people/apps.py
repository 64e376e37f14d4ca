"""App `people`: people, organizations, accounts and login."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "otklik.people"
    label = "people"
