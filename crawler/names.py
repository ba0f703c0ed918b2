"""Names of people, credits of pictures and titles, freed of what sites glue to them (pure)."""

import re
from collections.abc import Iterable

from crawler.text import words

BYLINE = re.compile(
    r"^(?:автор(?:ы|ка)?(?:\s+(?:текста|статьи|материала))?|текст|подготовил[аи]?|written\s+by|by)\b\s*:?\s*",
    re.IGNORECASE,
)
PHOTO = re.compile(r"[\s,.;|/(]*\bФото\b.*$", re.DOTALL)
BETWEEN = re.compile(r"\s*[,;]\s*|\s+(?:и|and)\s+")
CREDIT = re.compile(r"^[\s(–—-]*Фото(?:\s+с\s+сайта|\s+предоставлено)?(?![а-яё])\s*:?\s*", re.IGNORECASE)
SUFFIX = re.compile(r"\s+(?:[|»•·]|::|[-–—])\s+")


def names(byline: str) -> list[str]:
    """The names in a byline, without role words and without the photographer's credit that may be glued to it.

    >>> names("Авторы: Иван Петров, Анна Смирнова.")
    ['Иван Петров', 'Анна Смирнова']
    >>> names("Андрей СМИРНОВ Фото пресс-службы завода")
    ['Андрей СМИРНОВ']
    """
    text = PHOTO.sub("", BYLINE.sub("", words(byline)))
    parts = (part.strip(" .,;:|/") for part in BETWEEN.split(text))
    return list(dict.fromkeys(part for part in parts if part and part[0].isupper()))


def credit(text: str) -> str:
    """Whom a picture is owed to, without «Фото:» before it and brackets around it; «©» stays.

    >>> credit("(Фото: Иван Петров / РБК)"), credit("© РИА Новости / Иван Петров")
    ('Иван Петров / РБК', '© РИА Новости / Иван Петров')
    """
    plain = words(text)
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    return CREDIT.sub("", plain).strip(" .,:")


def title(text: str, sites: Iterable[str] = ()) -> str:
    """A page's title without the names of its site at the end.

    >>> title("Мост открыт - РИА Новости, 02.09.2025", ["РИА Новости"])
    'Мост открыт'
    >>> title("Мост открыт :: Политика :: РБК")
    'Мост открыт'
    """
    plain = words(text)
    known = [name.casefold() for name in sites if name]
    marks = list(SUFFIX.finditer(plain))
    for mark in marks:
        tail = plain[mark.end() :].casefold()
        if mark[0].strip() in {"|", "::"} or any(tail.startswith(name) for name in known):
            return plain[: mark.start()]
    return plain


def unsigned(text: str, sites: Iterable[str] = ()) -> str:
    """A description without the name of its site and the date that end it.

    >>> unsigned("Мост открыли... РИА Новости, 02.09.2025", ["РИА Новости"])
    'Мост открыли...'
    """
    names_ = "|".join(re.escape(name) for name in sites if name)
    return re.sub(rf"\s*(?:{names_}), \d\d\.\d\d\.\d{{4}}$", "", text) if names_ else text
