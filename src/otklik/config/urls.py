"""The root URL configuration. Paths follow Jira Service Management's, so that its links keep working."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from otklik.config.jira_links import urlpatterns as jira_links
from otklik.config.root_redirect import home
from otklik.config.wellknown import favicon, robots
from otklik.ops.health import healthz
from otklik.ops.metrics import metrics

handler400 = "otklik.config.error_views.bad_request"
handler500 = "otklik.config.error_views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", robots),
    path("favicon.ico", favicon),
    path("", include("otklik.workspace.urls")),
    path("", include("otklik.portal.urls")),
    path("", include("otklik.portal.account_urls")),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("otklik.demo.urls")))
# Last, because it includes a pattern for any path with a trailing slash.
urlpatterns += jira_links
