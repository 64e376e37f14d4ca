"""The defaults of a new desk, in Russian and in English.

These texts become rows that leads edit, so they are not gettext messages.
"""

from dataclasses import dataclass

from otklik.desks.models import Status

C = Status.Category


@dataclass(frozen=True, slots=True)
class TransitionPlan:
    """A row of the workflow's transition table. An empty `source` means "from any other status"."""

    name: str
    source: str
    target: str
    customers: bool = False
    agents: bool = True
    on_reply: bool = False
    assigns: bool = False


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """Everything a desk is created with."""

    welcome: str
    question: str
    phone_script: str
    request_types: tuple[tuple[str, str, str], ...]  # icon, name, help
    mail_type: tuple[str, str, str]  # the same; for requests by mail, hidden on the portal
    statuses: tuple[tuple[str, C], ...]
    transitions: tuple[TransitionPlan, ...]
    priorities: tuple[str, ...]  # most urgent first
    default_priority: str
    queues: tuple[tuple[str, str], ...]  # name, filter text in its stored form


COLUMNS = ["key", "subject", "requester", "status", "priority", "assignee", "updated_at"]
# One for each queue, in order. They name no statuses or people, so that they work in every language.
_FILTERS = (
    "statusCategory != Done ORDER BY updated DESC",
    "statusCategory != Done AND assignee is EMPTY ORDER BY created ASC",
    "statusCategory != Done AND assignee = currentUser() ORDER BY updated DESC",
    "statusCategory = Waiting ORDER BY updated ASC",
    "statusCategory = Done ORDER BY updated DESC",
)

RUSSIAN = DeskPlan(
    welcome="Добро пожаловать! С помощью предоставленных опций можно создать запрос в службу технической поддержки.",
    question="В чем требуется помощь?",
    phone_script="Здравствуйте! Служба технической поддержки, меня зовут {agent}. Чем могу помочь?",
    request_types=(
        ("bug", "Ошибка", "Сообщите, что работает не так, как ожидалось"),
        ("lifebuoy", "Получить техническую консультацию", "Поддержка по общим ИТ-проблемам и вопросам"),
        (
            "user-plus",
            "Получить новую учетную запись",
            "Запросите новую учетную запись для внутренней системы",
        ),
    ),
    mail_type=("mail", "Обращение", "Всё, чему ещё не выбрали другой тип, например письма"),
    statuses=(
        ("Открытый", C.NEW),
        ("В работе", C.PROGRESS),
        ("Ожидание ответа заявителя", C.WAITING),
        ("Закрыт", C.DONE),
    ),
    transitions=(
        TransitionPlan("Взять в работу", "Открытый", "В работе", assigns=True),
        TransitionPlan("Ждать ответа заявителя", "Открытый", "Ожидание ответа заявителя"),
        TransitionPlan("Ждать ответа заявителя", "В работе", "Ожидание ответа заявителя"),
        TransitionPlan("Вернуть в работу", "Ожидание ответа заявителя", "В работе", on_reply=True, assigns=True),
        TransitionPlan("Закрыть", "", "Закрыт", customers=True),
        TransitionPlan("Открыть снова", "Закрыт", "Открытый", customers=True, on_reply=True),
    ),
    priorities=("Критический", "Высокий", "Стандартный", "Низкий"),
    default_priority="Стандартный",
    queues=tuple(
        zip(("Все открытые", "Без исполнителя", "Назначенные мне", "Ждут заявителя", "Закрытые"), _FILTERS, strict=True)
    ),
)

ENGLISH = DeskPlan(
    welcome="Welcome! You can raise a request with the technical support using the options provided.",
    question="What can we help you with?",
    phone_script="Hello, technical support, my name is {agent}. How can I help you?",
    request_types=(
        ("bug", "Report a problem", "Tell us what does not work as expected"),
        ("lifebuoy", "Get technical help", "Help with general IT problems and questions"),
        ("user-plus", "Request a new account", "Ask for a new account in an internal system"),
    ),
    mail_type=("mail", "General request", "Whatever has no other type yet, such as mail"),
    statuses=(
        ("Open", C.NEW),
        ("In progress", C.PROGRESS),
        ("Waiting for customer", C.WAITING),
        ("Closed", C.DONE),
    ),
    transitions=(
        TransitionPlan("Start work", "Open", "In progress", assigns=True),
        TransitionPlan("Wait for customer", "Open", "Waiting for customer"),
        TransitionPlan("Wait for customer", "In progress", "Waiting for customer"),
        TransitionPlan("Back to work", "Waiting for customer", "In progress", on_reply=True, assigns=True),
        TransitionPlan("Close", "", "Closed", customers=True),
        TransitionPlan("Reopen", "Closed", "Open", customers=True, on_reply=True),
    ),
    priorities=("Critical", "High", "Standard", "Low"),
    default_priority="Standard",
    queues=tuple(
        zip(("All open", "Unassigned", "Assigned to me", "Waiting for customer", "Closed"), _FILTERS, strict=True)
    ),
)

PLANS = {"ru": RUSSIAN, "en": ENGLISH}


def shipped_names(plan: DeskPlan) -> list[tuple[str, str]]:
    """(kind, name) of every status, transition, priority and queue; the order is the same in every plan."""
    return [
        *(("status", name) for name, _category in plan.statuses),
        *(("transition", transition.name) for transition in plan.transitions),
        *(("priority", name) for name in plan.priorities),
        *(("queue", name) for name, _filter in plan.queues),
    ]


def shipped_types(plan: DeskPlan) -> list[tuple[str, str, str]]:
    """(icon, name, help) of every request type, the type for mail last; the order is the same in every plan."""
    return [*plan.request_types, plan.mail_type]


def types_elsewhere(language: str) -> dict[str, dict[str, dict[str, str]]]:
    """Translations of the shipped request types into the other languages.

    Maps the name in `language` to the value of `RequestType.texts`: language code -> field -> text.
    """
    others = {code: shipped_types(plan) for code, plan in PLANS.items() if code != language}
    return {
        name: {code: {"name": rows[place][1], "help": rows[place][2]} for code, rows in others.items()}
        for place, (_icon, name, _help) in enumerate(shipped_types(PLANS[language]))
    }


def portal_elsewhere(language: str) -> dict[str, dict[str, str]]:
    """Translations of a new desk's portal texts into the other languages, as `Desk.texts` keeps them.

    The desk's name is not among them: whoever creates the desk chooses it.
    """
    others = {code: plan for code, plan in PLANS.items() if code != language}
    return {code: {"welcome": plan.welcome, "question": plan.question} for code, plan in others.items()}


def names_elsewhere(language: str) -> dict[tuple[str, str], dict[str, dict[str, str]]]:
    """Translations of the shipped names into the other languages.

    Maps (kind, name in `language`), as `shipped_names` gives them, to the value of the row's `texts`.
    """
    others = {code: shipped_names(plan) for code, plan in PLANS.items() if code != language}
    return {
        kind_and_name: {code: {"name": names[place][1]} for code, names in others.items()}
        for place, kind_and_name in enumerate(shipped_names(PLANS[language]))
    }
