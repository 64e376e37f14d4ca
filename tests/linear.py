"""Hostile inputs derived from regular expressions, and the CPU time that the expressions take on them.

An input is `prefix + unit * n + suffix`: the prefix leads to a repetition inside the expression, the unit is what it
repeats (or the way to it, or characters of its alphabet), the suffix makes the match fail. An expression whose time
grows faster than its input is far over `MICROSECONDS` per character at `LONGEST` characters.
"""

import ast
import importlib
import pkgutil
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any

from tests.slowness import slowness

LONGEST = 16_000
MICROSECONDS = 4.0
_METHODS = {"match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
_TESTED = "".join(chr(code) for code in range(32, 127)) + "\n\t\r\x00жЖ—»>1"


@dataclass(frozen=True)
class Use:
    """One method by which the product applies one expression."""

    name: str
    pattern: re.Pattern[Any]
    method: str

    def seconds(self, text: str) -> float:
        """Return the CPU time of applying it to a text once."""
        subject: Any = text.encode("utf-8", "surrogateescape") if isinstance(self.pattern.pattern, bytes) else text
        act = _act(self.pattern, self.method)
        start = time.process_time()
        act(subject)
        return time.process_time() - start


def _act(pattern: re.Pattern[Any], method: str) -> Callable[[Any], object]:
    if method in {"sub", "subn"}:
        empty: Any = b"" if isinstance(pattern.pattern, bytes) else ""
        return lambda subject: pattern.sub(empty, subject)
    if method == "finditer":
        return lambda subject: sum(1 for _ in pattern.finditer(subject))
    method_of_pattern: Callable[[Any], object] = getattr(pattern, method)
    return method_of_pattern


def modules(package: str) -> Iterator[ModuleType]:
    """Yield a package or module and all modules below it."""
    top = importlib.import_module(package)
    yield top
    for info in pkgutil.walk_packages(getattr(top, "__path__", []), package + "."):
        yield importlib.import_module(info.name)


def uses(module: ModuleType) -> Iterator[Use]:
    """Yield every expression of a module with each method that the module calls on it.

    An expression without a visible call is tried with `search`, the slowest.
    """
    tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    short = module.__name__.removeprefix("otklik.")
    compiled = {name: value for name, value in vars(module).items() if isinstance(value, re.Pattern)}
    called: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        owner, method = node.func.value, node.func.attr
        if not isinstance(owner, ast.Name) or method not in _METHODS:
            continue
        if owner.id in compiled:
            called.setdefault(owner.id, set()).add(method)
        elif owner.id == "re" and node.args and isinstance(node.args[0], ast.Constant):
            yield Use(f"{short}:{node.args[0].value!r}", re.compile(node.args[0].value, _flags(node)), method)
    for name, pattern in compiled.items():
        for method in sorted(called.get(name, {"search"})):
            yield Use(f"{short}.{name}", pattern, method)


def _flags(call: ast.Call) -> int:
    names = [ast.unparse(name) for name in (*call.args, *(key.value for key in call.keywords))]
    return sum(getattr(re, name.removeprefix("re.")) for name in names if re.fullmatch(r"re\.[A-Z]+", name))


def too_slow(use: Use, longest: int = LONGEST) -> str | None:
    """Return a description of the first hostile input on which a use takes too long, or None."""
    for prefix, unit, suffix in hostile(use.pattern):
        for length in (250, 1_000, 4_000, longest):
            length = min(length, longest)
            text = prefix + unit * (length // len(unit)) + suffix
            allowed = MICROSECONDS * 1e-6 * max(length, 1_000)
            spent = use.seconds(text)
            if spent > 50 * allowed or (spent > allowed and _stays_over(use, text, allowed)):
                return f"{use.name}.{use.method}: {spent:.3f} s for {prefix!r} + {unit!r} * {length} + {suffix!r}"
            if spent < 1e-6 * length / 50 and length >= 4_000:
                break
    return None


def _stays_over(use: Use, text: str, allowed: float) -> bool:
    """Return whether two more tries took too long as well, scaled to the machine's present speed."""
    return min(use.seconds(text), use.seconds(text)) > allowed * slowness()


def hostile(pattern: re.Pattern[Any]) -> list[tuple[str, str, str]]:
    """Return prefix, unit and suffix of inputs on which an expression may be slow."""
    source = pattern.pattern
    parsed = _parser.parse(source, pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags)
    rng = random.Random(7)
    pumps = list(_pumps(list(parsed), "", rng))
    alphabet = _alphabet(list(parsed))
    inputs: dict[tuple[str, str, str], None] = {}
    rng.shuffle(pumps)
    for prefix, body, rest in pumps[:24]:
        for unit in dict.fromkeys((body, prefix, prefix + body, body + "\n", prefix + body + rest, " ")):
            for suffix in ("\x00", rest[:-1] + "\x00\n"):
                if unit:
                    inputs[prefix or "\x01", unit, suffix] = None
    letters = [*rng.sample(alphabet, min(8, len(alphabet)))]
    pairs = [first + second for first in letters for second in letters if first != second]
    for unit in (*letters, *pairs, *("".join(rng.choices(alphabet, k=rng.randint(3, 4))) for _ in range(8))):
        inputs["", unit, "\x00"] = None
    return list(inputs)


def _pumps(items: list[Any], before: str, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield, for each repetition: a text that leads there, a repeated unit, and a text that follows."""
    for number, (op, argument) in enumerate(items):
        name = str(op)
        after = "".join(_sample([item], rng) for item in items[number + 1 :])
        if "REPEAT" in name:
            if int(argument[1]) > 8:
                for body in dict.fromkeys(_sample(list(argument[2]), rng) for _ in range(3)):
                    yield before, body, after
            yield from _pumps(list(argument[2]), before, rng)
        elif name == "SUBPATTERN":
            yield from _pumps(list(argument[3]), before, rng)
        elif name == "BRANCH":
            for branch in argument[1]:
                yield from _pumps(list(branch), before, rng)
        elif name in {"ASSERT", "ATOMIC_GROUP"}:
            yield from _pumps(list(argument[1] if name == "ASSERT" else argument), before, rng)
        before += _sample([(op, argument)], rng)


def _sample(items: list[Any], rng: random.Random) -> str:
    """Return a text that matches the items, lookarounds aside."""
    out = []
    for op, argument in items:
        name = str(op)
        if name == "LITERAL":
            out.append(chr(argument))
        elif name == "NOT_LITERAL":
            out.append(rng.choice([char for char in "ax\"'<" if char != chr(argument)]))
        elif name == "ANY":
            out.append(rng.choice("aa\"' -=?"))
        elif name == "IN":
            out.append(rng.choice(_members(argument)))
        elif "REPEAT" in name:
            out.append(_sample(list(argument[2]), rng) * max(int(argument[0]), 1 if int(argument[1]) > 1 else 0))
        elif name == "SUBPATTERN":
            out.append(_sample(list(argument[3]), rng))
        elif name == "BRANCH":
            out.append(_sample(list(rng.choice(argument[1])), rng))
        elif name == "ATOMIC_GROUP":
            out.append(_sample(list(argument), rng))
    return "".join(out)


def _members(items: list[Any]) -> list[str]:
    """Return up to 40 characters of a class."""
    source = _class(items)
    return [char for char in _TESTED if source.match(char)][:40] or [_literal(items)]


def _literal(items: list[Any]) -> str:
    literals = [
        chr(argument if isinstance(argument, int) else argument[0])
        for op, argument in items
        if str(op) in {"LITERAL", "RANGE"}
    ]
    return literals[0] if literals else "x"


def _class(items: list[Any]) -> re.Pattern[str]:
    pieces = []
    for op, argument in items:
        name = str(op)
        if name == "NEGATE":
            pieces.append("^")
        elif name == "LITERAL":
            pieces.append(re.escape(chr(argument)))
        elif name == "RANGE":
            pieces.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
        elif name == "CATEGORY":
            pieces.append(_category(argument))
    return re.compile(f"[{''.join(pieces)}]")


def _category(category: Any) -> str:
    name = str(category).removeprefix("CATEGORY_")
    return {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W"}[
        name
    ]


def _alphabet(items: list[Any]) -> list[str]:
    """Return characters that an expression names, and some that it does not."""
    characters: dict[str, None] = dict.fromkeys(" a1\n")
    waiting = list(items)
    while waiting:
        op, argument = waiting.pop()
        name = str(op)
        if name in {"LITERAL", "NOT_LITERAL"}:
            characters[chr(argument)] = None
        elif name == "IN":
            characters.update(dict.fromkeys(_members(argument)[:3]))
        elif "REPEAT" in name:
            waiting.extend(argument[2])
        elif name == "SUBPATTERN":
            waiting.extend(argument[3])
        elif name == "BRANCH":
            waiting.extend(item for branch in argument[1] for item in branch)
        elif name in {"ASSERT", "ASSERT_NOT"}:
            waiting.extend(argument[1])
        elif name == "ATOMIC_GROUP":
            waiting.extend(argument)
    return list(characters)
