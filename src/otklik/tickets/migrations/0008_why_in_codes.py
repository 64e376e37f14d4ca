"""Why a message is where it is: sentences of the desk's language become codes that every reader gets in theirs."""

from django.db import migrations

# As these versions wrote them, in both languages.
SENTENCES = [
    ("new_mail", "A new mail to the desk's address.", "Новое письмо на адрес службы поддержки."),
    ("reply_address", "It was sent to the signed reply address of this request.",
     "Письмо отправлено на подписанный адрес для ответов по этому запросу."),
    ("reply_token", "It answers a mail of ours about this request.", "Письмо отвечает на наше письмо об этом запросе."),
    ("references", "It answers an earlier mail of this request.", "Письмо отвечает на более раннее письмо этого запроса."),
    ("subject", "Its subject names this request.", "В теме письма назван этот запрос."),
    ("no_sender", "Its sender cannot be made out.", "Отправителя определить не удалось."),
    ("taken_off", "Its sender was taken off the request.", "Отправителя исключили из участников запроса."),
    ("not_on_it", "Its sender is not on the request.", "Отправитель не участвует в запросе."),
    ("not_proved", "Nothing proves that it really comes from this sender.",
     "Ничто не доказывает, что письмо действительно от этого отправителя."),
    ("unreadable", "The mail could not be read.", "Письмо не удалось прочитать."),
]  # fmt: skip
WITH_KEY = [
    ("closed_long", r"The request (\S+) has been closed for long\.", r"Запрос (\S+) давно закрыт\."),
    ("names_key", r"The mail names (\S+), but its sender is not proved to be on that request\.",
     r"Письмо указывает на (\S+), но не доказано, что отправитель участвует в этом запросе\."),
]  # fmt: skip


def to_codes(apps, schema_editor):
    """One pass over each table. What is no sentence of ours, such as the words of a mail server, stays."""
    for table, column in (("tickets_message", "why"), ("mail_inboundmail", "reason")):
        made, values = f'"{column}"', []
        for code, *sentences in SENTENCES:
            for sentence in sentences:
                made = f"replace({made}, %s, %s)"
                values += [sentence, f"@{code}"]
        for code, *patterns in WITH_KEY:
            for pattern in patterns:
                made = f"regexp_replace({made}, %s, %s)"
                values += [pattern, rf"@{code}=\1"]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(f"""UPDATE {table} SET "{column}" = {made} WHERE "{column}" LIKE '%%.'""", values)  # noqa: S608


class Migration(migrations.Migration):

    dependencies = [
        ("tickets", "0007_forms"),
        ("mail", "0007_fates_of_people"),
    ]

    operations = [migrations.RunPython(to_codes, migrations.RunPython.noop)]
