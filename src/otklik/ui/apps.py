"""What pages and mails are made of: templates, tags, sheets, words as HTML. Knows tickets, and no face."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "otklik.ui"
    label = "ui"
