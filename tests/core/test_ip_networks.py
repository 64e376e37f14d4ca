"""The networks by which limits per address count."""

import pytest

from otklik.core.ip_networks import place_of
from otklik.webserver.rsgi_app import Front


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"),
        ("[2001:db8:0:2::1]", "2001:db8:0:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unix:", "unix:"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_is_one_place_and_an_ipv4_address_is_itself(host: str, place: str) -> None:
    assert place_of(host) == place


def test_ab_42_the_room_for_bodies_is_counted_for_a_whole_network_of_ipv6() -> None:
    for proxies, environ in (
        (0, {"REMOTE_ADDR": "2001:db8:0:1::5"}),
        (1, {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 2001:db8:0:1::6"}),
    ):
        front = Front(application=None, most_bytes=None, threads=None, proxies=proxies)  # type: ignore[arg-type]
        assert front._sender(environ) == "2001:db8:0:1::/64"
