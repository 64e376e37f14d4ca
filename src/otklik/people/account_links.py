"""URLs of account links (activation, password reset, address confirmation), shared by mails and portal."""

from django.conf import settings

RESET_PATH = "secure/ResetPassword/"
ACTIVATION_PATH = "secure/ActivateAccount/"
ADDRESS_PATH = "secure/ConfirmAddress/"
SIGN_UP_PATH = "secure/FinishSignup/"
PROFILE_PATH = "servicedesk/customer/user/profile/security"


def reset_url(key: str) -> str:
    """The link of the password mail; built from the configured address only, never a request's Host (AB-30)."""
    return f"{settings.PUBLIC_URL}/{RESET_PATH}{key}"


def activation_url(secret: str) -> str:
    """The link behind the button of the first mail."""
    return f"{settings.PUBLIC_URL}/{ACTIVATION_PATH}{secret}"


def address_url(secret: str) -> str:
    """The link that proves a further address."""
    return f"{settings.PUBLIC_URL}/{ADDRESS_PATH}{secret}"


def sign_up_url(secret: str) -> str:
    """The link that makes an account of an address."""
    return f"{settings.PUBLIC_URL}/{SIGN_UP_PATH}{secret}"
