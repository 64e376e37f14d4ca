"""Queues are texts of the filter language. What their criteria said is written down in it; going back, the criteria are
there still. Criteria knew the ids of what they named, and so does the stored form of a text."""

import re
from datetime import date, timedelta

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_FIELDS = {
    "key": "key", "subject": "summary", "status": "status", "priority": "priority", "created_at": "created",
    "updated_at": "updated", "requester": "reporter", "assignee": "assignee",
}  # fmt: skip
_CATEGORIES = {"new": '"To Do"', "progress": '"In Progress"', "waiting": "Waiting", "done": "Done"}
_NOTHING = "key is EMPTY"


def text_of(criteria, order, kinds):
    """The filter text for criteria and an order of before; `kinds`: of form fields, by number."""
    parts = []
    if "category" in criteria:
        parts.append(_of_categories(set(criteria["category"])))
    for name, field in (("status", "status"), ("priority", "priority"), ("request_type", '"request type"')):
        if name in criteria:
            parts.append(_any_of(field, criteria[name]))
    if "assignee" in criteria:
        parts.append({"none": "assignee is EMPTY", "me": "assignee = currentUser()"}.get(criteria["assignee"])
                     or f"assignee = {criteria['assignee']}")  # fmt: skip
    if criteria.get("unverified"):
        parts.append("sender = unverified")
    for key, wanted in criteria.get("answers", {}).items():
        if re.fullmatch(r"customfield_\d{1,18}", key):
            number = int(key.removeprefix("customfield_"))
            parts += _of_answer(f"cf[{number}]", wanted, kinds.get(number, ""))
    return " ".join(filter(None, (" AND ".join(parts), _order(order))))


def _of_categories(wanted):
    if wanted == {"new", "progress", "waiting"}:
        return "statusCategory != Done"
    # Work in progress is two categories here, and one name of the language.
    left_out = {"waiting"} if "progress" in wanted else set()
    names = [text for name, text in _CATEGORIES.items() if name in wanted - left_out]
    text = _any_of("statusCategory", names)
    return f"{text} AND statusCategory != Waiting" if "progress" in wanted and "waiting" not in wanted else text


def _any_of(field, values):
    values = list(values)
    if len(values) == 1:
        return f"{field} = {values[0]}"
    return f"{field} in ({', '.join(map(str, values))})" if values else _NOTHING


def _of_answer(field, wanted, kind):
    if "any" in wanted:
        return [_any_of(field, wanted["any"])]
    if "has" in wanted:
        quoted = str(wanted["has"]).replace("\\", "\\\\").replace('"', '\\"')
        return [f'{field} ~ "{quoted}"']
    if "given" in wanted:
        if kind == "checkbox":
            return [f"{field} = yes" if wanted["given"] else f"({field} is EMPTY OR {field} = no)"]
        return [f"{field} is not EMPTY" if wanted["given"] else f"{field} is EMPTY"]
    first, last = wanted.get("from"), wanted.get("to")
    parts = [] if first is None else [f"{field} >= {first}"]
    if last is not None and kind == "moment":
        parts.append(f"{field} < {date.fromisoformat(last) + timedelta(days=1)}")
    elif last is not None:
        parts.append(f"{field} <= {last}")
    return parts


def _order(order):
    field = _FIELDS.get(order.removeprefix("-"))
    if field is None:
        field, order = "updated", "-updated_at"
    # The highest priority has the lowest level.
    descending = order.startswith("-") is not (field == "priority")
    return f"ORDER BY {field} {'DESC' if descending else 'ASC'}"


def write_texts(apps, schema_editor):
    kinds = dict(apps.get_model("desks", "CustomField").objects.values_list("number", "kind"))
    for queue in apps.get_model("desks", "Queue").objects.all():
        queue.jql = text_of(queue.criteria, queue.order, kinds)
        queue.save(update_fields=["jql"])


def person(name, **more):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name=name, to=settings.AUTH_USER_MODEL, **more
    )


class Migration(migrations.Migration):
    dependencies = [
        ("desks", "0018_configuration_version"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        *(
            migrations.AddField("queue", name, field)
            for name, field in (
                ("owner", person("queues", null=True, blank=True)),
                ("jql", models.TextField(blank=True, default="")),
                ("typed", models.TextField(blank=True, default="")),
                ("icon", models.CharField(blank=True, default="", max_length=40)),
                ("hidden", models.BooleanField(default=False)),
            )
        ),
        migrations.AlterField(
            "queue",
            "desk",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="queues",
                to="desks.desk",
            ),
        ),
        migrations.AddConstraint(
            "queue", models.UniqueConstraint(fields=("owner", "name"), name="queue_once_of_owner")
        ),
        migrations.AddConstraint(
            "queue",
            models.CheckConstraint(
                condition=models.Q(("desk", None), ("owner", None), _connector="OR"), name="queue_of_one"
            ),
        ),
        migrations.CreateModel(
            "QueueChoice",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starred", models.BooleanField(default=False)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("columns", models.JSONField(blank=True, default=list)),
                ("sorting", models.CharField(blank=True, default="", max_length=200)),
                (
                    "density",
                    models.CharField(
                        blank=True,
                        choices=[("comfortable", "Comfortable"), ("compact", "Compact")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("person", person("queue_choices")),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="choices", to="desks.queue"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "queuechoice", models.UniqueConstraint(fields=("person", "queue"), name="queue_choice_once")
        ),
        # The last: a table that has rows changed in this transaction takes no other shape.
        migrations.RunPython(write_texts, migrations.RunPython.noop),
        # Indexes and foreign keys of the new columns are made after this: they wait for no row that was changed.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
    ]
