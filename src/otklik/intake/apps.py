"""App `intake`: turns received mails into ticket commands."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "otklik.intake"
    label = "intake"
