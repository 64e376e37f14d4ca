"""App `ui`: templates, template tags, stylesheets and HTML rendering that pages and mails share.

May import tickets, but neither the portal nor the workspace.
"""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "otklik.ui"
    label = "ui"
