"""Answers to forms and names of files are searched. PostgreSQL cannot give a generated column another expression, so
it is made anew: the table is written once."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.db import migrations, models

_NAMES = """
UPDATE tickets_message SET besides = named.names
FROM (SELECT message_id, string_agg(name, E'\\n' ORDER BY id) AS names FROM tickets_attachment GROUP BY message_id) named
WHERE named.message_id = tickets_message.id AND tickets_message.withdrawn_at IS NULL
"""
_CHOICES = {"choice", "choices", "cascade"}
_SILENT = {"checkbox", "attachment", "organization"}


def _labels(options, found):
    for option in options:
        found[str(option["id"])] = [option["label"], *option.get("labels", {}).values()]
        _labels(option.get("children", ()), found)
    return found


def _words(field, answer):
    """As tickets.answers.search_text does from now on, but for dates, which stay as they are kept."""
    if field.kind not in _CHOICES:
        return [str(answer)]
    labels = _labels(field.options, {})
    given = answer if isinstance(answer, list) else [answer]
    return [words for one in given for words in labels.get(str(one), ())]


def _answers(apps, schema_editor):
    fields = {}
    for field in apps.get_model("desks", "Field").objects.exclude(kind__in=_SILENT).filter(hidden=False):
        fields[field.request_type_id, field.key] = field
    messages = apps.get_model("tickets", "Message").objects
    tickets = apps.get_model("tickets", "Ticket").objects.exclude(answers={})
    for ticket in tickets.only("answers", "request_type_id").iterator():
        known = [(fields.get((ticket.request_type_id, key)), answer) for key, answer in ticket.answers.items()]
        words = [word for field, answer in known if field for word in _words(field, answer)]
        opening = messages.filter(ticket_id=ticket.pk, opening=True).first()
        if opening is not None and words:
            opening.besides = "\n".join([*([opening.besides] if opening.besides else []), *dict.fromkeys(words)])
            opening.save(update_fields=["besides"])


class Migration(migrations.Migration):

    dependencies = [
        ('desks', '0006_signup'),
        ('tickets', '0009_seen'),
    ]

    operations = [
        migrations.RemoveIndex(model_name='message', name='message_words'),
        migrations.RemoveField(model_name='message', name='words'),
        migrations.AddField(
            model_name='message',
            name='besides',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.RunSQL(_NAMES, migrations.RunSQL.noop),
        migrations.RunPython(_answers, migrations.RunPython.noop),
        migrations.AddField(
            model_name='message',
            name='words',
            field=models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.SearchVector(models.Func(models.Func(django.db.models.functions.text.Left('text', 100000), models.Value('ёЁ!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), models.Value('еЕ                                '), function='translate', output_field=models.TextField()), models.Func(django.db.models.functions.text.Left('besides', 100000), models.Value('ёЁ!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), models.Value('еЕ                                '), function='translate', output_field=models.TextField()), arg_joiner=" || E'\\n' || ", output_field=models.TextField(), template='(%(expressions)s)'), config='russian'), output_field=django.contrib.postgres.search.SearchVectorField()),
        ),
        migrations.AddIndex(
            model_name='message',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], gin_pending_list_limit=512, name='message_words'),
        ),
    ]
