"""Addresses of a desk's settings, below /projects/KEY/settings. Who adds a page adds its tab to pages/settings.py."""

from django.urls import URLPattern, URLResolver, path

from otklik.workspace import converters  # noqa: F401  # registers desk_key
from otklik.workspace.views.settings import general, history, undo

_SETTINGS = "projects/<desk_key:key>/settings"

urlpatterns: list[URLPattern | URLResolver] = [
    path(_SETTINGS, general, name="settings"),
    path(f"{_SETTINGS}/history", history, name="settings_history"),
    path(f"{_SETTINGS}/history/<int:event_id>/undo", undo, name="settings_undo"),
]
