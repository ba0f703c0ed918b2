"""What stands around an article on a small site: menus, feeds, calendars, forms, comments, counters."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from .text import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .themes import Brand, Leaf

NOMINATIVE = [
    "Январь",
    "Февраль",
    "Март",
    "Апрель",
    "Май",
    "Июнь",
    "Июль",
    "Август",
    "Сентябрь",
    "Октябрь",
    "Ноябрь",
    "Декабрь",
]
NAMES = ("Сергей П.", "guest_41", "Тамара Ивановна", "Дачник", "Вася 67", "Свой", "Мимо проходил", "НадеждаВ")


@dataclass(frozen=True)
class Teaser:
    """Another article as a list shows it."""

    title: str
    url: str
    at: datetime
    excerpt: str = ""


def menu(brand: Brand, css: str) -> str:
    links = "\n".join(f'<li><a href="{brand.home}{path}">{name}</a></li>' for name, path in brand.menu)
    return f"<nav{css}><ul>\n{links}\n</ul></nav>"


def glued_feed(teasers: Iterable[Teaser], css: str) -> str:
    """A news feed whose titles run into their times."""
    rows = "".join(f'<div><a href="{t.url}">{t.title}</a><span>{t.at:%H:%M}</span></div>' for t in teasers)
    return f"<div{css}>{rows}</div>"


def region_news(teasers: Iterable[Teaser], css: str) -> str:
    """Six pieces of the sister site: date, title, beginning of the text."""
    items = "\n".join(
        f"<div><div>{t.at:%d.%m.%Y %H:%M}</div>\n<h4><a href='{t.url}'>{t.title}</a></h4>\n<p>{t.excerpt}</p></div>"
        for t in teasers
    )
    return f"<section{css}><h3>Новости регионов</h3>\n{items}\n</section>"


def related(teasers: Iterable[Teaser], heading: str, css: str) -> str:
    links = "\n".join(f'<li><a href="{t.url}">{t.title}</a></li>' for t in teasers)
    return f"<div{css}><h3>{heading}</h3>\n<ul>{links}</ul>\n</div>"


def sidebar(teasers: Iterable[Teaser], heading: str, css: str) -> str:
    """A column of other news, with dates in the machine's form and, where a teaser has one, an excerpt."""
    rows = "\n".join(
        f'<li><a href="{t.url}">{t.title}</a> <time datetime="{t.at.isoformat()}">{t.at:%d.%m.%Y}</time>'
        + (f"<p>{t.excerpt}</p>" if t.excerpt else "")
        + "</li>"
        for t in teasers
    )
    return f"<section{css}><h3>{heading}</h3>\n<ul>\n{rows}\n</ul></section>"


def question_form(css: str) -> str:
    """The form that asks for a name and a sum."""
    fields = "".join(
        f'<label>{label}</label><input name="f{number}"><br>'
        for number, label in enumerate(("E-mail*:", "ФИО", "Телефон", "Должность"))
    )
    return (
        f'<form{css} method="post" action="/">{fields}<span>Сумма 4 и 7 будет</span><input name="sum"></form>'
    )


def search_form(css: str) -> str:
    label = "<label><span>Найти:</span><input type='search' name='s' placeholder='Поиск…'></label>"
    return f'<form{css} role="search" action="/"><div>{label}<button>Поиск</button></div></form>'


def month_calendar(home: str, today: date) -> str:
    """DLE's calendar of the archive: every day until today is a link."""
    weeks = calendar.Calendar().monthdayscalendar(today.year, today.month)
    rows = "".join("<tr>" + "".join(_day(home, today, day) for day in week) + "</tr>" for week in weeks)
    before = today.replace(day=1) - timedelta(days=1)
    back = f'<a class="monthlink" href="{home}/{before:%Y/%m}/">«</a>'
    head = f'<th colspan="7" class="monthselect">{back}&nbsp;&nbsp;&nbsp;&nbsp;{NOMINATIVE[today.month - 1]} {today.year}&nbsp;&nbsp;&nbsp;&nbsp;»</th>'
    days = "".join(f'<th class="workday">{name}</th>' for name in ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"])
    table = f'<table id="calendar" class="calendar"><tr>{head}</tr><tr>{days}</tr>{rows}</table>'
    return f'<div id="calendar-layer">{table}</div>'


def _day(home: str, today: date, day: int) -> str:
    if not day:
        return '<td class="day">&nbsp;</td>'
    if day > today.day:
        return f'<td class="day">{day}</td>'
    link = f'<a class="day-active-v" href="{home}/{today:%Y/%m}/{day:02d}/">{day}</a>'
    return f'<td class="day-active-v">{link}</td>'


def comments(leaf: Leaf, system: Literal["wordpress", "dle", "bitrix"]) -> str:
    """Readers' remarks, each with a name and a time of its own, and the form to add one."""
    if not leaf.comments:
        return ""
    rng = leaf.rng("comments")
    writer = Writer(rng)
    remarks = []
    for number in range(leaf.comments):
        at = leaf.story.published + timedelta(minutes=rng.randrange(4, 600))
        remarks.append(_remark(system, number, rng.choice(NAMES), at, writer.paragraph(2, 3)))
    listed, form = (
        "\n".join(remarks),
        "<form action='/comment' method='post'><textarea name='t'></textarea></form>",
    )
    return f'<div id="comments" class="comments-area"><h3>Комментарии ({leaf.comments})</h3>\n{listed}\n{form}</div>'


def _remark(system: str, number: int, who: str, at: datetime, text: str) -> str:
    shown = f"{at:%d.%m.%Y в %H:%M}"
    if system == "wordpress":
        when = f'<time datetime="{at.isoformat()}">{shown}</time>'
        meta = f'<footer class="comment-meta"><b class="fn">{who}</b> <span class="says">пишет:</span> {when}</footer>'
        body = f'<div class="comment-content"><p>{text}</p></div>'
        return f'<article id="div-comment-{number}" class="comment-body">{meta}{body}</article>'
    if system == "dle":
        head = f'<div class="com_info"><b class="name">{who}</b> <span class="grey date">{shown}</span></div>'
        return f'<div id="comment-id-{number}" class="comment">{head}<div id="comm-id-{number}">{text}</div></div>'
    who_and_when = (
        f'<span class="reviews-post-author">{who}</span> <span class="reviews-post-date">{shown}</span>'
    )
    return (
        f'<table class="reviews-post-table"><tr><td>{who_and_when}</td></tr><tr><td>{text}</td></tr></table>'
    )


def share(css: str) -> str:
    nets = "".join(
        f'<li><a href="#" rel="nofollow">{net}</a></li>' for net in ("ВКонтакте", "Telegram", "OK")
    )
    return f"<div{css}><span>Поделиться:</span><ul>{nets}</ul></div>"


def counters() -> str:
    pixel = '<img src="//counter.yadro.ru/hit?t44.6;r" width="1" height="1" alt="">'
    metrika = (
        '<div><img src="https://mc.yandex.ru/watch/1" style="position:absolute; left:-9999px;" alt=""></div>'
    )
    return f"<!--LiveInternet counter-->{pixel}<noscript>{metrika}</noscript>"


def footer(brand: Brand) -> str:
    return f"<footer><p>© {brand.company}. Все права защищены. 16+</p>{counters()}</footer>"
