from django.db import migrations

from otklik.desks.default_forms import FORMS, options_of, texts_elsewhere
from otklik.desks.defaults import PLANS, portal_elsewhere, types_elsewhere


def give_shipped_words(apps, schema_editor):
    """What still reads as it was shipped gets the words of the other language; what somebody wrote stays alone."""
    for language, plan in PLANS.items():
        _give_portal(apps.get_model("desks", "Desk"), language, plan)
        _give_types(apps.get_model("desks", "RequestType"), language, plan)
        _give_fields(apps.get_model("desks", "Field"), language)


def _give_portal(model, language, plan):
    other = portal_elsewhere(language)
    for desk in model.objects.filter(language=language):
        texts = {code: dict(said) for code, said in desk.texts.items()}
        for code, words in other.items():
            for name, said in words.items():
                if getattr(desk, name) == getattr(plan, name):
                    texts.setdefault(code, {}).setdefault(name, said)
        if texts != desk.texts:
            model.objects.filter(pk=desk.pk).update(texts=texts)


def _give_types(model, language, plan):
    other = types_elsewhere(language)
    for _icon, name, help_line in plan.request_types:
        rows = model.objects.filter(desk__language=language, name=name, help=help_line, texts={})
        rows.update(texts=other[name])


def _give_fields(model, language):
    for plan in (plan for form in FORMS[language] for plan in form):
        rows = model.objects.filter(request_type__desk__language=language, label=plan.label, help=plan.help, texts={})
        rows.update(texts=texts_elsewhere(plan, language))
        plain = [{"id": str(number), "label": label} for number, label in enumerate(plan.options, 1)]
        if plain:
            rows = model.objects.filter(request_type__desk__language=language, label=plan.label, options=plain)
            rows.update(options=options_of(plan, language))


class Migration(migrations.Migration):

    dependencies = [
        ('desks', '0010_names_in_languages'),
    ]

    operations = [
        migrations.RunPython(give_shipped_words, migrations.RunPython.noop),
    ]
