"""Match search terms against names: ignores case, ё, word endings and the wrong keyboard layout.

Pure: text in, text out. Long texts are searched by PostgreSQL (its `russian` configuration knows the forms of words);
for the few short names of a list, `matches` is enough.
"""

import re
import unicodedata
from collections.abc import Callable

from otklik.core.unicode_nfc import composed

# The same keys in the American and in the Russian layout, without and with Shift.
_LATIN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./" + '~QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?'
_RUSSIAN_KEYS = "ёйцукенгшщзхъфывапролджэячсмитьбю." + "ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"
_TO_RUSSIAN = str.maketrans(_LATIN_KEYS, _RUSSIAN_KEYS)
_TO_LATIN = str.maketrans(_RUSSIAN_KEYS, _LATIN_KEYS)

_TOKEN = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[A-Za-z]")
_RUSSIAN = re.compile(r"[А-Яа-яЁё]")

_ACCENTED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")

_VOWELS = "аеиоуыэюя"
_WITH_VOWEL = re.compile(r"([а-я]{3,})[ое]к")
_LIKE_A_VERB = re.compile(r"([а-я]{2,}[аеиоуя])л(?:а|у|ом|е|ы|ов|ам|ами|ах)?")
# Stemming takes «запись» for a verb and leaves «зап» of it.
_LIKE_REFLEXIVE = re.compile(r"([а-я]+пис)(ь|и|ью|ей|ям|ями|ях|)")
_WITHOUT_VOWEL = re.compile(r"([а-я]{2,}[^аеиоуыэюяьъ])к(?:а|у|и|ой|ою|е|ам|ами|ах)")

# Two forms of one word share at least _SHARED first letters and differ in at most _ENDING letters after them.
_SHARED = 3
_ENDING = 3


def fold(text: str) -> str:
    """Normalize text for comparison: NFC, lower case, ё to е."""
    return composed(text).lower().replace("ё", "е")


def tokens(text: str) -> list[str]:
    """Split the folded text into words: runs of letters and digits."""
    return _TOKEN.findall(fold(text))


def to_russian(text: str) -> str:
    """Convert text typed in the US layout to the Russian one: "ghbdtn" is «привет», "j,]trn" is «объект»."""
    return text.translate(_TO_RUSSIAN)


def to_latin(text: str) -> str:
    """Convert text typed in the Russian layout to the US one: «руддщ» is "hello"."""
    return text.translate(_TO_LATIN)


def layouts(typed: str) -> list[Callable[[str], str]]:
    """Return functions that convert typed text to what may have been meant: unchanged first, then other keyboard
    layouts. The functions also apply to parts of the text."""
    meant: list[Callable[[str], str]] = [str]
    meant += [to_russian] if _LATIN.search(typed) else []
    meant += [to_latin] if _RUSSIAN.search(typed) else []
    return meant


def variants(typed: str) -> list[str]:
    """Return the folded text in each of the `layouts`, with single spaces and without duplicates.

    Variants without any letter or digit are left out.
    """
    folded = (" ".join(fold(layout(typed)).split()) for layout in layouts(typed))
    return list(dict.fromkeys(text for text in folded if _TOKEN.search(text)))


def other_forms(word: str) -> list[str]:
    """Return forms of a folded word that PostgreSQL's stemmer treats as another word.

    For a word with accents, the one without. For Russian nouns: a fleeting vowel («ошибок», «ошибка»), or an ending
    that looks like a verb's («журнал», «журналы»; «запись», «записи»).
    """
    if (plain := _ACCENTED.sub(lambda letter: unicodedata.normalize("NFD", letter[0])[0], word)) != word:
        return [plain]
    if ends := _LIKE_REFLEXIVE.fullmatch(word):
        return [f"{ends[1]}и" if ends[2] == "ь" else f"{ends[1]}ь"]
    if ends := _WITH_VOWEL.fullmatch(word):
        return [f"{ends[1]}йка" if ends[1][-1] in _VOWELS else f"{ends[1]}ка"]
    if ends := _WITHOUT_VOWEL.fullmatch(word):
        return [f"{ends[1][:-1]}ек"] if ends[1][-1] == "й" else [f"{ends[1]}ок", f"{ends[1]}ек"]
    if ends := _LIKE_A_VERB.fullmatch(word):
        return [form for form in (f"{ends[1]}л", f"{ends[1]}лы") if form != word]
    return []


def has_basic_beginning(word: str) -> bool:
    """Return False for words whose stem is too short for a prefix search: «запись» is stemmed to «зап»."""
    ends = _LIKE_REFLEXIVE.fullmatch(word)
    return ends is None or ends[2] != "ь"


def same_word(typed: str, word: str) -> bool:
    """Return whether a folded token is a prefix of the word or probably another form of it: «ошибку» and «ошибка»."""
    if word.startswith(typed):
        return True
    shared = 0
    for typed_letter, other in zip(typed, word, strict=False):
        if typed_letter != other:
            break
        shared += 1
    return shared >= _SHARED and max(len(typed), len(word)) - shared <= min(_ENDING, shared - 1)


def share_of(typed: str, text: str) -> float:
    """Return the share (0 to 1) of the typed words that the short text contains, in the best of the variants."""
    text_tokens = tokens(text)
    return max((_share(tokens(variant), text_tokens) for variant in variants(typed)), default=0)


def _share(wanted: list[str], text_tokens: list[str]) -> float:
    known = [token for token in wanted if any(same_word(token, word) for word in text_tokens)]
    # «не» and «в» are in nearly every text: alone they are no match.
    return 1 if len(known) == len(wanted) else sum(len(token) > 2 for token in known) / len(wanted)


def matches(typed: str, text: str) -> bool:
    """Return whether the short text (a name or title) contains all typed words of one of the variants."""
    return share_of(typed, text) == 1
