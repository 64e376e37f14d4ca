"""The visible values of form fields in HTML."""

from selectolax.lexbor import LexborNode

# What a field of a form shows; its `value`, or for a box whether it is ticked.
_WRITTEN = {"", "text", "search", "email", "tel", "url", "number", "date", "time", "datetime-local", "month", "submit"}
_OPTIONS = 200
_TICKED = {"checkbox", "radio"}


def shown(node: LexborNode) -> str:
    """Return what was typed or chosen in an `input` or `select`; "" if it is hidden, secret or empty."""
    return _chosen(node) if node.tag == "select" else _field(node)


def _field(node: LexborNode) -> str:
    kind = (node.attributes.get("type") or "").strip().lower()
    if kind in _TICKED:
        return "[x]" if "checked" in node.attributes else "[ ]"
    return (node.attributes.get("value") or "").strip() if kind in _WRITTEN else ""


def _chosen(node: LexborNode) -> str:
    """Return the chosen options; the first one if none is, as browsers do."""
    options = node.css("option")[:_OPTIONS]
    chosen = [option for option in options if "selected" in option.attributes] or options[:1]
    return ", ".join(filter(None, (option.text().strip() for option in chosen)))
