"""Lines such as "Sent from my phone", and what is around them."""

import time

import pytest

from tests.mail.parse.test_answers import INTROS, quoted, words

BELOW_A_DEVICE = [
    ("Сделано.\n\n--\nОтправлено из мобильной Почты Mail\n\nСнимок во вложении", ["Сделано.", "Снимок во вложении"]),
    ("-- \nSent from my iPhone\n\nYes, both rooms", ["Yes, both rooms"]),
    ("Сделано.\n\n-- \nОтправлено с iPhone\nИван Петров", ["Сделано."]),
    ("Сделано.\n\n-- \nОтправлено с iPhone\n\nИван Петров\n+7 495 000-00-00", ["Сделано."]),
]


@pytest.mark.parametrize(("text", "expected"), BELOW_A_DEVICE)
def test_words_below_dashes_and_the_line_of_a_device_are_kept(text: str, expected: list[str]) -> None:
    assert words(f"{text}\n\n{INTROS[0]}\n{quoted()}") == expected


def test_ab_94_many_lines_of_devices_take_time_in_proportion_to_the_text() -> None:
    text = "\n\n".join(f"words of the answer, {number}\n\n-- \nSent from my iPhone" for number in range(1_200))
    started = time.process_time()
    words(f"{text}\n\n{INTROS[0]}\n{quoted()}")
    assert time.process_time() - started < 2
