"""What somebody typed in a search box, piece by piece: words, "exact phrases", принт* by its beginning, -word.

Pure. Lenient: a sign that has no meaning where it stands is a part of the word, and whatever cannot be read is words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_PIECE = re.compile(r'([-−–]?)(?:"([^"]*)"|«([^«»]*)»|“([^“”]*)”|„([^„“”]*)[“”])(?=\s|$)|(\S+)')
# "-5", "--color" and "-t" are what they look like.
_ABSENT = re.compile(r"[-−–](?=[^\W\d_][^\W_])")
# "rm -rf" is a line that somebody pasted (ADR 138).
_OPTION = re.compile(r"-[A-Za-z]{2}")


@dataclass(frozen=True, slots=True)
class TypedPiece:
    """A word or phrase of a search.

    `is_phrase`: the words must be adjacent. `is_absent`: it must not occur. `is_beginning`: match as a prefix.
    `is_option`: it looks like a command-line option, so the text after its minus is searched for. `written`: as it was
    typed.
    """

    text: str
    is_phrase: bool = False
    is_absent: bool = False
    is_beginning: bool = False
    is_option: bool = False
    written: str = ""


def typed_pieces(typed: str) -> list[TypedPiece]:
    """Return the pieces in order. The last word to search for may be unfinished."""
    pieces: list[TypedPiece] = []
    for match in _PIECE.finditer(typed):
        pieces.append(replace(_piece(match, pieces[-1].written if pieces else ""), written=match[0]))
    plain = [index for index, piece in enumerate(pieces) if not (piece.is_phrase or piece.is_absent)]
    if plain:
        pieces[plain[-1]] = replace(pieces[plain[-1]], is_beginning=True)
    return pieces


def without_signs(typed: str) -> str:
    """Return the search without quotes, minus signs and absent words, to name it."""
    return " ".join(piece.text for piece in typed_pieces(typed) if not piece.is_absent)


def _piece(match: re.Match[str], before: str) -> TypedPiece:
    sign, *quoted, word = match.groups()
    if word is None:
        return TypedPiece(next(_given(quoted), ""), is_phrase=True, is_absent=bool(sign))
    bare = word.rstrip("*")
    is_beginning = bare != word and bare[-1:].isalnum()
    text = bare if is_beginning else word
    if before.isascii() and _OPTION.fullmatch(word):
        return TypedPiece(word, is_option=True)
    if _ABSENT.match(text):
        return TypedPiece(text[1:], is_absent=True, is_beginning=is_beginning)
    return TypedPiece(text, is_beginning=is_beginning)


def _given(groups: list[str]) -> Iterator[str]:
    return (group for group in groups if group is not None)
