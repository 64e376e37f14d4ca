"""Initial entries of the site's lists, in each language."""

# The first entry is the default.
RESOLUTIONS = (
    {"ru": "Готово", "en": "Done"},
    {"ru": "Не будет сделано", "en": "Won't do"},
    {"ru": "Дубликат", "en": "Duplicate"},
    {"ru": "Не воспроизводится", "en": "Cannot reproduce"},
    {"ru": "Отклонено", "en": "Declined"},
)
SERVICE_REQUEST = {"ru": "Запрос на обслуживание", "en": "Service request"}
INCIDENT = {"ru": "Инцидент", "en": "Incident"}
ISSUE_TYPES = (SERVICE_REQUEST, INCIDENT)
# The icon of the default request type for incidents.
BROKEN = "bug"
