"""Tokens in our mails: their owner, and foreign ones."""

import pytest
from pytest_django.fixtures import Settings

from otklik.mail import own_mail_marks, tokens
from otklik.mail.models import OutboundMail
from otklik.mail.verp import return_path, returned_mail


@pytest.mark.parametrize("participant", [1, 35, 36, 1295, 2**40])
def test_ab_05_a_token_speaks_of_its_participant_in_its_epoch_alone(participant: int) -> None:
    token = tokens.sign(participant, 3)
    assert len(token) <= 40 and token.isalnum() and token == token.lower()
    assert tokens.participant_of(token) == tokens.participant_of(token.upper()) == participant
    assert tokens.is_genuine(token, participant, 3) and tokens.is_genuine(token.upper(), participant, 3)
    assert not tokens.is_genuine(token, participant, 2) and not tokens.is_genuine(token, participant, 4)
    assert not tokens.is_genuine(token, participant + 1, 3)
    spoilt = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert not tokens.is_genuine(spoilt, participant, 3)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "1",
        "x",
        "2" + "7" + "a" * 26,
        "1" + "0" + "a" * 26,
        "1" + "7" + "a" * 25,
        "1" + "7" + "1" * 26,
        "17" + "a" * 26 + " ",
    ],
)
def test_ab_05_nothing_else_has_the_shape_of_a_token(token: str) -> None:
    assert tokens.participant_of(token) is None
    assert not tokens.is_genuine(token, 7, 1)


def test_ab_02_our_mark_is_ours(settings: Settings) -> None:
    mark = own_mail_marks.our_mark()
    assert own_mail_marks.is_our_mark(mark) and own_mail_marks.is_our_mark(f" {mark}\r\n") and len(mark) == 32
    assert (
        not own_mail_marks.is_our_mark("")
        and not own_mail_marks.is_our_mark(mark[:-1])
        and not own_mail_marks.is_our_mark(f"{mark}a")
    )
    settings.SECRET_KEY = "another installation's"
    assert not own_mail_marks.is_our_mark(mark)


ANSWER = b"From: a@b.test\r\nReferences: <x.otklik@desk.test>\r\n\r\n"


@pytest.mark.parametrize(
    ("message_id", "raw", "is_one"),
    [
        ("<abc.otklik@desk.test>", b"", True),
        ("abc.otklik@desk.test", b"", True),
        ("<abc@desk.otklik>", ANSWER, False),
        ("<abc@otklik.test>", ANSWER, False),
        ("<abc.otklik.def@desk.test>", b"", False),
        ("", b'Content-Type: multipart/mixed;\r\n boundary="=_otklik_1=="\r\n\r\nx', True),
        ("", b"content-type: multipart/mixed; boundary==_otklik_1==\n\nx", True),
        ("", b'Content-Type: multipart/mixed; boundary="b"\r\n\r\nContent-Type: x; boundary="=_otklik_1"', False),
        ("", b'Subject: x\r\nX-Content-Type: x; boundary="=_otklik_1"\r\n\r\nx', False),
    ],
)
def test_ab_91_a_mail_of_an_otklik_is_known_by_its_own_id_or_boundary(
    message_id: str, raw: bytes, is_one: bool
) -> None:
    assert own_mail_marks.is_from_an_otklik(message_id, raw) is is_one


def test_ab_91_what_we_make_is_known_again() -> None:
    made = own_mail_marks.new_message_id("desk.test", "token")
    assert made.startswith("<token.") and own_mail_marks.is_from_an_otklik(made, b"")
    assert own_mail_marks.new_message_id("desk.test") != own_mail_marks.new_message_id("desk.test")
    head = f'Content-Type: multipart/alternative; boundary="{own_mail_marks.new_boundary()}"\r\n\r\n'
    assert own_mail_marks.is_from_an_otklik("", head.encode())


def test_rl_27_a_return_address_says_of_one_mail_that_it_came_back(settings: Settings) -> None:
    settings.VERP = True
    path = return_path(OutboundMail(pk=7, sender="accredo@desk.test"))
    assert returned_mail(path) == returned_mail(path.upper()) == 7
    for forged in (path.replace("+b7-", "+b8-"), path.replace("+", ""), "accredo@desk.test", "", path[:-20]):
        assert returned_mail(forged) is None
    room = 64 - (len(path.partition("@")[0]) - len("accredo"))
    fits, long = (f"{'a' * count}@desk.test" for count in (room, room + 1))
    assert returned_mail(return_path(OutboundMail(pk=7, sender=fits))) == 7
    assert return_path(OutboundMail(pk=7, sender=long)) == long
    settings.VERP = False
    assert return_path(OutboundMail(pk=7, sender="accredo@desk.test")) == "accredo@desk.test"
