"""App `mail`: receives, parses, stores, composes and sends mail; knows nothing of tickets."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "otklik.mail"
    label = "mail"
