"""Passwords that may be too short without the second factor beside which they were chosen."""

from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import migrations, models


def mark(apps: Any, _editor: Any) -> None:
    """How long the passwords are that stand beside a second factor is not known."""
    owners = apps.get_model("mfa", "Authenticator").objects.filter(type__in=["totp", "webauthn"]).values("user")
    persons = apps.get_model("people", "Person").objects.filter(pk__in=owners)
    persons.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).update(password_short=True)


class Migration(migrations.Migration):
    dependencies = [("people", "0010_export_attempts"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        migrations.AddField("person", "password_short", models.BooleanField(default=False)),
        migrations.RunPython(mark, migrations.RunPython.noop),
    ]
