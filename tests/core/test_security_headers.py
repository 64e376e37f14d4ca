"""Security headers of every response."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from otklik.core.security_headers import security_headers
from tests.cast import Cast, as_

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "frame-src 'self'", "form-action 'self'", "manifest-src 'self'", "base-uri 'none'",
    "object-src 'none'", "frame-ancestors 'none'",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/servicedesk/customer/user/login", "/servicedesk/customer/portals", "/nothing/here"])
def test_ab_65_a_page_runs_loads_frames_and_posts_nothing_but_ours(cast: Cast, path: str) -> None:
    for client in (Client(), as_(cast.agent)):
        answer = client.get(path, follow=True)
        assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} == POLICY
        assert answer["Referrer-Policy"] == "same-origin"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"] and "geolocation=()" in answer["Permissions-Policy"]


def test_what_a_view_has_said_itself_stays_and_files_of_the_product_may_be_kept() -> None:
    ours = {"Permissions-Policy": "x", "Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "max-age=9"}
    answer = security_headers(lambda _request: HttpResponse(headers=ours))(RequestFactory().get("/"))
    assert {name: answer[name] for name in ours} == ours
    static = security_headers(lambda _request: HttpResponse())(RequestFactory().get("/static/a.css"))
    assert "Cache-Control" not in static and static["Cross-Origin-Resource-Policy"] == "same-origin"
