"""Bigram frequencies of Russian, for charset detection of very short texts.

In capitals a text in windows-1251 reads as small letters in KOI8-R and the other way round, and both have letters that
are frequent. What follows what tells them apart within a word or two.
"""

import re
from functools import lru_cache
from itertools import pairwise

_LETTERS = " абвгдежзийклмнопрстуфхцчшщъыьэюяё"
# A row for each letter, a column for what follows it, a blank for the end of a word: bits more (h is 0, i is 1) or
# fewer than by chance. Counted over the Russian texts of this product and of Django, words by the square root of their
# number.
_BITS = """
    ahhigiffihdighijjhjhhgffgedaaagcfc
    kchifhhghdhhihjaihiifcfgggfaaaaghe
    ijfebbibbibhidhkbjgbibeebbhhibbbgb
    ikagecjaejagidhjeghhhafaddcaifaagc
    ijfdfhibbjbejeflbidbibbbbdbbbbdbbd
    hkdgagkeajafhgijfigghaedddadgecagh
    kefghigffdhhiijefjijbeeeggeaaaacad
    hjibbjkdbjbhefjhbbebhbbbbbbbbebbbd
    ildidihfagafeiiiageahcaaaaachfacga
    jfghfhiehgiiihigfhjjafggggdaaaaghc
    lbbddibbbbbghbgfbdijbbbefebbbbbbbb
    jkcfaahcajafiegkcjhiiaceacaaaacaaa
    ijdaecjfbjaghbgjcageibaadaaagjaiif
    kjefdakaajaefghjfceaiaaadaaaheaagf
    ijbddfjbakafbaikaaghhdaddaaajfaegf
    jaijhihhgfhhiihfgiijbefehgdaaacbfc
    gibaaajaajafgafkfkafhaadaaaafdaafd
    ikdgffjhajaeeghkddfgiceadeaaifacgd
    hifgdfiabiaiighjighkgafaecaahiadie
    jjcicejabiahefhjgihdhbaafaaahjaade
    kdhghihihahighgaihiiacfaifgaaadida
    hkddfdiddkddfddkdigfhfdddddddddddf
    lhcffcgcchcceehkcjfffgcccccccceccc
    hjchcckcclcgccchffcchccccccchccccc
    hkbbbbkbbjbgdbjfbbdjhbbbddbbbgbbbi
    hjcecckcckcijchhceegicccccecccccci
    gjddddldfkdddddfddddhddddddddhdddj
    fffffflfffffffffffffffffffffffffji
    kahiefjacdjgiidagegjaaiafgaaaaaaca
    laeafcfaifahahjaaahiaaadahdaaaaged
    ddddfddddddjkhddhdglddgfdfdddddddd
    lchceheeeccegcgccfekcecckcjccccgcc
    ldgiafheiaeegfgadefjcaffadhaaaagfe
    jcefcgcgeccgijkcehckcceccccccccccf
"""
_BIT = {
    (one, other): ord(sign) - ord("h")
    for one, row in zip(_LETTERS, _BITS.split(), strict=True)
    for other, sign in zip(_LETTERS, row, strict=True)
}
_WORD = re.compile(r"[А-Яа-яЁё]+")
_NO_LETTER = -5.0


def likeness(text: str) -> float:
    """Return how much the text's words look like Russian, in bits; other non-ASCII characters count against it."""
    words = (f" {match.group().lower()} " for match in _WORD.finditer(text))
    others = sum(char >= "\x80" and char not in "«»—–…№“”„’\xa0·•©®°" for char in _WORD.sub("", text))
    return sum(map(_bits, words)) + _NO_LETTER * others


@lru_cache(4096)
def _bits(word: str) -> float:
    return float(sum(_BIT[pair] for pair in pairwise(word)))
