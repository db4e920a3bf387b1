"""The languages of the screen: Chinese as written in the code, others from their catalogue.

``_("得分")`` is 得分 on a Chinese screen and what ``en.po`` says on an English one. The Chinese
text is the message itself, so a missing translation shows Chinese, never a foreign word in the
Chinese interface. Catalogues are compiled in memory when first used.
"""

import gettext
import io
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English"}
CATALOGUES = Path(__file__).parent

_language: ContextVar[str] = ContextVar("language", default="zh")


def speak(language: str) -> None:
    """Let what follows in this script run be said in ``language`` (a key of LANGUAGES)."""
    _language.set(language)


def language() -> str:
    return _language.get()


def _(message: str, **values: object) -> str:
    """The message in the reader's language, with ``{names}`` filled in."""
    if not message:  # gettext keeps the catalogue's own header under the empty message
        return message
    said = message if _language.get() == "zh" else _catalogue(_language.get()).gettext(message)
    return said.format(**values) if values else said


@cache
def _catalogue(language: str) -> gettext.GNUTranslations:
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)  # type: ignore[arg-type]
