"""The post office: bytes in, bytes out."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "otklik.mail"
    label = "mail"
