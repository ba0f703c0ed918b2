"""The short lines around an article's text, and what each of them says: date, rubric, tags, byline, credit (pure)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from urllib.parse import unquote, urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.runs import LINK_AT_LEAST, SHORT, Run
from crawler.text import content, words

CREDIT = re.compile(
    r"\W{0,2}(?:Фото|Фотографии|Снимки|Иллюстрация|Источник фото)"
    r"(?:\s*[:©]|\s+(?:с\s+сайта|автор|пресс-служб|предоставлен|из\s|в свободном доступе|[А-ЯЁ©«]))"
)
ADDRESS_CREDIT = re.compile(
    r"(?P<credit>Фото(?: с сайта)?:?\s*(?:https?://)?[\w-]+(?:\.[\w-]+)*\.[a-zрф]{2,6}/?)\s+(?=[А-ЯЁ«\"A-Z])"
)
LABEL = re.compile(
    r"\W*(?:Теги|Тэги|Метки|Ключевые слова|Рубрик[аи]|Категори[яи]|Раздел|Просмотр(?:ов|ы)|Количество (?:показов|просмотров)|Показов|Прочитано|Прочтений|Комментари(?:и|ев)"
    r"|Поделиться|Поделитесь|Рейтинг|Оцените|Подписывайтесь|Подпишитесь|Распечатать|Версия для печати|Автор|Источник"
    r"|Опубликован[оа]?|Дата публикации|Обновлен[оа]?|Время (?:чтения|публикации))\b",
    re.IGNORECASE,
)
DATE_WORDS = re.compile(
    r"\d{1,2}:\d\d(?::\d\d)?|\d{1,2}[./]\d\d[./]\d{2,4}|\d{4}-\d\d-\d\d\S*|\b\d{1,4}\b|\b(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт"
    r"|ноя|дек)[а-я]*\.?|\b(?:г|в|года|мск|msk|сегодня|вчера|опубликован[оа]|дата публикации|дата"
    r"|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\b\.?",
    re.IGNORECASE,
)
RUBRIC_AT_MOST = 3  # words
CAPTION_CREDIT = re.compile(r"(?:^|(?<=[.!?…»)])\s*|\s*[(/|]\s*)Фото(?: с сайта)?\s*:\s*")
NOISE = re.compile(r"\W*(?:реклама|на правах рекламы|advertisement|advert|ad|loading\W*)\W*", re.IGNORECASE)
MARKS_AT_MOST = 12  # elements in the line that holds a date
UPDATED = re.compile(
    r"\(?(?:\b|(?<=date))(?:обновлен|изменен|отредактирован|дополнен|updated|modified)", re.IGNORECASE
)
TAG_PATH = re.compile(r"/(?:tags?|xfsearch/tags|keywords?|metki)/", re.IGNORECASE)


def near(before: Sequence[Run], above: Sequence[Run], below: Sequence[Run]) -> Iterator[Run]:
    """The lines that may speak of the article: under its title, then over it, then behind its text.

    Over the title and behind the text they end where other titles begin.
    """
    yield from above
    for group in (reversed(before[-12:]), below[:8]):
        for run in group:
            if run.weight or (run.linked >= LINK_AT_LEAST and not is_date_link(run.text)):
                break
            yield run


def is_date_link(text: str) -> bool:
    """Whether a line that leads elsewhere is a date with a rubric («Культура 1 февраля 2024 16:16»), not a title."""
    rest = rest_of_date(text)
    return rest != words(text) and len(rest.split()) <= RUBRIC_AT_MOST


def rest_of_date(text: str) -> str:
    """What a date line says beside its date.

    >>> rest_of_date("04 сентября 12:15 Деловые новости")
    'Деловые новости'
    >>> rest_of_date("26 августа 2025, 12:17")
    ''
    """
    return words(DATE_WORDS.sub(" ", text)).strip(" ,.;:|/•·»«–—-")


def dates(run: Run, *, updated: bool) -> Iterator[tuple[str, str]]:
    """The (origin, words) that a line says of when the article was published, or when it was updated."""
    for stamp in _stamps(run):
        if _is_update(stamp, run) == updated:
            yield "microdata", stamp.get("datetime", "")
    mark = UPDATED.search(run.text)
    if updated:
        yield "text", run.text[mark.start() :] if mark else ""
    else:
        yield "text", run.text[: mark.start()] if mark else run.text


def _stamps(run: Run) -> list[HtmlElement]:
    if run.element.tag not in {"time", "p", "span"} and len(run.element) > MARKS_AT_MOST:
        return []  # a whole column, not a line
    return [node for node in run.element.iter("time") if node.get("datetime")]


def _is_update(stamp: HtmlElement, run: Run) -> bool:
    """Whether a time is named, or introduced in its own element, as that of a change."""
    around = stamp.getparent()
    own = stamp if around is None or stamp is run.element or around is run.element else around
    named = " ".join(
        (stamp.get("class", ""), stamp.get("itemprop", ""), own.text or "", own.get("class", ""))
    )
    return UPDATED.search(named) is not None and "published" not in named.lower()


def credited(picture: dict[str, str]) -> dict[str, str]:
    """A picture whose caption is, or ends in, a credit: parted.

    >>> credited({"url": "a", "caption": "Мост. Фото: Пётр Ветров"})
    {'url': 'a', 'caption': 'Мост.', 'creditText': 'Пётр Ветров'}
    """
    caption, mark, credit = CAPTION_CREDIT.sub("\x1f", picture.get("caption", ""), count=1).partition("\x1f")
    if not mark or "creditText" in picture:
        return picture
    parted = {**picture, "caption": caption.rstrip(" (/|,"), "creditText": credit.strip(" .()")}
    return {name: value for name, value in parted.items() if value}


def credit_line(shown: Sequence[str], is_dated: Callable[[str], bool]) -> str | None:
    """The first of some lines that is, or behind a date holds, a picture's credit; with the next one where it ends in a colon."""
    for line, following in pairwise([*shown, ""]):
        if glued := ADDRESS_CREDIT.match(line):
            return glued["credit"]
        match = CREDIT.search(line) if len(line) < 2 * SHORT else None
        if match and (not match.start() or is_dated(line)):
            return f"{line} {following}" if line.endswith(":") else line[match.start() :]
    return None


def links(runs: Sequence[Run]) -> Iterator[tuple[str, str, str]]:
    """The (address, rel, text) of the links in some runs."""
    for run in runs:
        if run.linked:
            for anchor in run.element.iter("a"):
                if (href := anchor.get("href")) and (text := words(content(anchor))):
                    yield href, anchor.get("rel") or "", text


RUBRIC = re.compile(r"[А-ЯЁ][а-яё]+(?:[ -][а-яё]+){0,3}")
NO_RUBRIC = re.compile(
    r"Главная|Меню|Печать|Назад|Вернуться|Слушать|Скачать|Сегодня|Вчера|Читать|Добавить|Подробнее",
    re.IGNORECASE,
)


def rubric(runs: Sequence[Run], is_dated: Callable[[str], bool]) -> str | None:
    """The rubric that stands beside the date: on its line or on the next one; or alone under the title."""
    found = []
    for run, above in zip(runs, ["", *(run.text for run in runs)], strict=False):
        dated = is_dated(run.text)
        if dated or not above or is_dated(above):
            found.append(rest_of_date(run.text) if dated else run.text.strip(" ,"))
    fits = (text for text in found if RUBRIC.fullmatch(text) and len(text) < SHORT / 2)
    return next(
        (text for text in fits if not (NO_RUBRIC.match(text) or LABEL.match(text) or CREDIT.match(text))),
        None,
    )


def tags(runs: Iterable[Run]) -> list[str]:
    """The texts of the first group of tag links."""
    found: list[str] = []
    for run in runs:
        here = [text.strip(" ,#") for href, rel, text in links([run]) if _is_tag(href, rel)]
        if found and not here:
            break
        found += here
    return list(dict.fromkeys(found))


def _is_tag(href: str, rel: str) -> bool:
    return TAG_PATH.search(href) is not None or ("tag" in rel.split() and "category" not in rel.split())


def _path(url: str, href: str) -> str:
    """The path to which a link leads, "" where its href is no URL."""
    try:
        return unquote(urlsplit(urljoin(url, href)).path).rstrip("/")
    except ValueError:
        return ""


def rubric_link(runs: Sequence[Run], url: str) -> str | None:
    """The text of the link that leads to the section in which the article's URL lies."""
    path = unquote(urlsplit(url).path).rstrip("/")
    for href, rel, text in links(runs):
        target = _path(url, href)
        if ("category" in rel.split() or (len(target) > 1 and path.startswith(f"{target}/"))) and len(
            text
        ) < SHORT:
            return text.strip(" ,")
    return None
