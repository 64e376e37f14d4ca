"""App `ui`: templates, template tags, style sheets and HTML rendering shared by pages and mails.

May import tickets, but neither the portal nor the workspace.
"""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "otklik.ui"
    label = "ui"
