"""App `workspace`: the agents' pages, and the settings of desks and site."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    name = "otklik.workspace"
    label = "workspace"
