"""Templates that are made quicker to draw once they are read: what is written in them stays as it is (ADR 107).

* Neighbouring parts that are the same for every reader of a language (text, `{% translate %}` and `{% icon %}` of fixed
  words, `{% url %}` and `{% static %}` of fixed names) become one, drawn once for each language.
* A variable is looked up the short way where it is a plain attribute or the entry of a dict; where it is anything else,
  Django looks.
* `{% include %}` of a fixed name finds its template once, `{% url %}` of the same arguments its address.
* Words that a variable holds are written as they are, escaped; what is not words Django puts into them.
"""

from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any, cast

from django.conf import settings
from django.forms import BaseForm, BoundField
from django.template import Context, Node, NodeList, Template, Variable, VariableDoesNotExist
from django.template.base import FilterExpression, Origin, TextNode, TokenType, VariableNode, render_value_in_context
from django.template.defaulttags import CommentNode, CsrfTokenNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loader_tags import IncludeNode
from django.template.loaders import base, cached
from django.template.smartif import TokenBase
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from otklik.ui.addresses import address_of
from otklik.ui.templatetags.otklik_ui import icon


class _Reading(base.Loader):
    """Loads a template and prepares it."""

    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        return prepared(super().get_template(template_name, skip))


class Loader(cached.Loader, _Reading):
    """Django's caching loader, for prepared templates."""


def prepared(template: Template) -> Template:
    """Prepare the template in place and return it; it renders the same as before."""
    _prepare(template.nodelist, set())
    template.__class__ = PreparedTemplate
    return template


class PreparedTemplate(Template):
    """A template that passes the language to its parts in the context.

    Django's `get_language` takes a lock, and a page has about two hundred parts that ask.
    """

    def _render(self, context: Context) -> str:
        state = vars(context)
        outer = state.get(_LANGUAGE)
        state[_LANGUAGE] = get_language()
        try:
            return cast("SafeString", cast("Any", super())._render(context))
        finally:
            state[_LANGUAGE] = outer


_LANGUAGE = "otklik_language"


class Constant(Node):
    """Adjacent nodes that depend on the language only, rendered once for each."""

    child_nodelists = ()

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.drawn: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        """Return the nodes' text in the active language."""
        language = vars(context).get(_LANGUAGE) or get_language()
        drawn = self.drawn.get(language)
        if drawn is None:
            drawn = self.drawn[language] = "".join(str(node.render_annotated(context)) for node in self.nodes)
        return drawn

    render_annotated = render


class QuickVariable(Variable):
    """A variable that is looked up directly if Django's lookup would give the same."""

    __slots__ = ()

    def _resolve_lookup(self, context: Any) -> Any:
        first, *others = cast("tuple[str, ...]", self.lookups)
        try:
            current = context[first]
        except KeyError:
            if first.isdigit() or hasattr(context, first):
                return _djangos_lookup(self, context)
            raise VariableDoesNotExist(_NOTHING, (first, context)) from None
        try:
            for bit in others:
                if callable(current):
                    return _djangos_lookup(self, context)
                current = _WAYS[type(current)](current, bit)
        except VariableDoesNotExist:
            raise
        except Exception:  # Django decides which errors mean a missing value
            return _djangos_lookup(self, context)
        return _djangos_lookup(self, context) if callable(current) else current


_NOTHING = "Failed lookup for key [%s] in %r"


class QuickExpression(FilterExpression):
    """A variable without filters, looked up directly where possible, otherwise by Django."""

    __slots__ = ()

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        """Return the value; for a missing one None (`ignore_failures`) or the engine's string_if_invalid."""
        if self.var.translate:  # set by {% translate %}
            return super().resolve(context, ignore_failures)
        first, *others = cast("tuple[str, ...]", self.var.lookups)
        for layer in reversed(context.dicts):
            if first in layer:
                current = layer[first]
                break
        else:
            missing = ignore_failures and not first.isdigit() and not hasattr(context, first)
            return None if missing else super().resolve(context, ignore_failures)
        try:
            for bit in others:
                if callable(current):
                    return super().resolve(context, ignore_failures)
                current = _WAYS[type(current)](current, bit)
        except VariableDoesNotExist:
            return None if ignore_failures else super().resolve(context)
        except Exception:  # Django decides which errors mean a missing value
            return super().resolve(context, ignore_failures)
        return super().resolve(context, ignore_failures) if callable(current) else current


class QuickNodes(NodeList):
    """A node list that does not annotate errors with their place, unless Django shows it (debug)."""

    def render(self, context: Context) -> SafeString:
        """Render the nodes in order."""
        if cast("Template", context.template).engine.debug:
            return super().render(context)
        return SafeString("".join([node.render(context) for node in self]))


def _of_dict(current: dict[Any, Any], bit: str) -> Any:
    if bit in current:
        return current[bit]
    if bit.isdigit() or hasattr(current, bit):
        raise LookupError
    raise VariableDoesNotExist(_NOTHING, (bit, current))


def _of_form(current: BaseForm, bit: str) -> Any:
    return current[bit] if bit in current.fields else getattr(current, bit)


def _of_bound_field(current: BoundField, bit: str) -> Any:
    """Digits index its widgets."""
    if bit.isdigit():
        raise LookupError
    return getattr(current, bit)


def _of_named(current: Any, bit: str) -> Any:
    """Columns are attributes; digits are indexes."""
    if bit.isdigit():
        raise LookupError
    return getattr(current, bit)


def _djangos(current: Any, bit: str) -> Any:
    raise LookupError


class _Ways(dict[type, Callable[[Any, str], Any]]):
    """The lookup function for each class, where Django's lookup would give the same."""

    def __missing__(self, kind: type) -> Callable[[Any, str], Any]:
        item = getattr(kind, "__getitem__", None)
        by_item: dict[Any, Any] = {
            None: getattr,
            BaseForm.__getitem__: _of_form,
            BoundField.__getitem__: _of_bound_field,
        }
        is_named = item is tuple.__getitem__ and hasattr(kind, "_fields")
        self[kind] = _of_dict if kind is dict else _of_named if is_named else by_item.get(item, _djangos)
        return self[kind]


_WAYS = _Ways()

_djangos_lookup: Callable[[Variable, Any], Any] = cast("Any", Variable)._resolve_lookup


class KnownInclude(IncludeNode):
    """`{% include %}` of a constant name; the template is looked up once."""

    known: Template | None = None

    def render(self, context: Context) -> SafeString:
        """Render the included template."""
        template = self.known
        if template is None:
            template = self.known = cast("Template", context.template).engine.get_template(
                self.template.resolve(context)
            )
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        if self.isolated_context:
            return template.render(context.new(values))
        with context.push(**values):
            return template.render(context)


class QuickText(VariableNode):
    """`{{ variable }}`."""

    def render(self, context: Context) -> str:
        """Return the variable's value, escaped."""
        value = self.filter_expression.resolve(context)
        kind = type(value)
        if kind is SafeString:
            return cast("SafeString", value)
        if kind is str and context.autoescape:
            return escape(value)
        if kind is int and not settings.USE_THOUSAND_SEPARATOR:
            return str(value)
        return render_value_in_context(value, context)


class KnownAddress(URLNode):
    """`{% url %}` with positional arguments, using the URL cache."""

    def render(self, context: Context) -> str:
        """Return the URL."""
        arguments = [argument.resolve(context) for argument in self.args]
        if not all(type(argument) in (str, int) for argument in arguments):
            return str(super().render(context))
        try:
            address = address_of(self.view_name.resolve(context), *arguments)
        except NoReverseMatch:
            return str(super().render(context))
        if self.asvar:
            context[self.asvar] = address
            return ""
        return escape(address) if context.autoescape else address


class QuickCsrfToken(CsrfTokenNode):
    """`{% csrf_token %}`, of which a page has one per form."""

    def render(self, context: Context) -> str:
        """Return the hidden field."""
        token = str(context.get("csrf_token") or "")
        if not token:
            return str(super().render(context))
        return f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(token)}">'


_QUICKER: dict[type, type] = {Variable: QuickVariable, VariableNode: QuickText, CsrfTokenNode: QuickCsrfToken}


def _prepare(item: Any, prepared: set[int]) -> None:
    """Prepare all parts of a template in place; Django has no API to list the expressions of a node."""
    if id(item) in prepared or isinstance(item, LanguageNode):  # its parts render in another language
        return
    prepared.add(id(item))
    if type(item) in _QUICKER:
        item.__class__ = _QUICKER[type(item)]
    for part in _parts(item):
        _prepare(part, prepared)
    if type(item) is IncludeNode and _is_fixed(item.template) and not item.template.resolve(Context()).startswith("."):
        item.__class__ = KnownInclude
    elif type(item) is URLNode and not item.kwargs:
        item.__class__ = KnownAddress
    elif type(item) is FilterExpression and _is_plain(item):
        item.__class__ = QuickExpression
    elif isinstance(item, NodeList):
        item[:] = _folded(item)
        item.__class__ = QuickNodes


def _parts(item: Any) -> Iterable[Any]:
    if isinstance(item, Node | TokenBase):
        return list(vars(item).values())
    if isinstance(item, FilterExpression):
        return [
            item.var,
            *(argument for _filter, arguments in item.filters for _kind, argument in arguments),
        ]
    if isinstance(item, dict):
        return list(item.values())
    return list(item) if isinstance(item, list | tuple) else ()


def _folded(nodes: NodeList) -> Iterator[Node]:
    together: list[Node] = []
    for node in nodes:
        if _is_constant(node):
            together.append(node)
            continue
        yield from _one(together)
        together = []
        yield node
    yield from _one(together)


def _one(nodes: list[Node]) -> list[Node]:
    return nodes if len(nodes) == 1 and isinstance(nodes[0], TextNode) else [Constant(nodes)] if nodes else []


def _is_constant(node: Node) -> bool:
    match node:
        case TextNode() | CommentNode() | LoadNode():
            return True
        case TranslateNode():
            return node.asvar is None and _is_fixed(node.filter_expression)
        case BlockTranslateNode():
            return node.asvar is None and not node.plural and _is_words_alone(node)
        case URLNode():
            return node.asvar is None and not node.args and not node.kwargs and _is_fixed(node.view_name)
        case StaticNode():
            return node.varname is None and _is_fixed(node.path)
        case SimpleNode():
            return node.func is icon and node.target_var is None and all(map(_is_fixed, _arguments(node)))
    return False


def _is_words_alone(node: BlockTranslateNode) -> bool:
    return not node.extra_context and all(token.token_type == TokenType.TEXT for token in node.singular)


def _arguments(node: SimpleNode) -> list[FilterExpression]:
    return [*node.args, *node.kwargs.values()]


def _is_plain(expression: FilterExpression) -> bool:
    variable = expression.var
    return (
        expression.is_var and not expression.filters and type(variable) is QuickVariable
        and variable.lookups is not None
    )  # fmt: skip


def _is_fixed(expression: Any) -> bool:
    """Return whether it is a constant: a literal without filters."""
    if not isinstance(expression, FilterExpression) or expression.filters:
        return False
    return not expression.is_var or expression.var.lookups is None
