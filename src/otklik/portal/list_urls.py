"""URLs of the list of requests («Запросы») and its preferences."""

from django.urls import URLPattern, path

from otklik.portal.views.list_preferences import look, remove_view, rename_view, views
from otklik.portal.views.requests import all_seen, export, news, requests

_LIST = "servicedesk/customer/user/requests"

urlpatterns: list[URLPattern] = [
    path(_LIST, requests, name="requests"),
    path(f"{_LIST}/news", news, name="request_news"),
    path(f"{_LIST}/seen", all_seen, name="all_seen"),
    path(f"{_LIST}/export.csv", export, {"kind": "csv"}, name="export_csv"),
    path(f"{_LIST}/export.xlsx", export, {"kind": "xlsx"}, name="export_xlsx"),
    path(f"{_LIST}/look", look, name="list_look"),
    path(f"{_LIST}/views", views, name="list_views"),
    path(f"{_LIST}/views/<int:view_id>/rename", rename_view, name="rename_view"),
    path(f"{_LIST}/views/<int:view_id>/remove", remove_view, name="remove_view"),
]
