"""Markups that an unknown news site may have: one invented story dressed as six content systems would print it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NEIGHBOURS = (
    "В Дорогобуже открыли обновлённый каток",
    "На Соловьёвой переправе прошёл слёт поисковиков",
    "Библиотека в Починке получила новые книги",
    "Рославльский вагоноремонтный завод набирает учеников",
    "В Велиже отремонтировали мост через ручей",
)


@dataclass(frozen=True)
class Story:
    """What a page shows, in the words of the page."""

    url: str
    title: str
    paragraphs: Sequence[str]
    date: str  # as printed
    published: str  # as machines are told
    site: str
    rubric: str = ""
    credit: str = ""
    byline: str = ""
    after: str = ""  # HTML behind the article, inside its column
    photo: str = "/uploads/2026/lead.jpg"


def wp_yoast(story: Story) -> bytes:
    linked = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "name": story.site, "url": "https://example.org/"},
            {
                "@type": "Article",
                "headline": story.title,
                "datePublished": story.published,
                "mainEntityOfPage": {"@id": story.url},
                "articleSection": [story.rubric] if story.rubric else [],
                "image": {"@type": "ImageObject", "url": absolute(story)},
            },
        ],
    }
    script = f'<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script>'
    text = "".join(f"<p>{p}</p>\n" for p in story.paragraphs)
    return document(
        story,
        og(story) + script,
        f"""<div id="page" class="site"><header class="site-header"><p class="site-title"><a href="/">{story.site}</a></p>
        <nav class="main-navigation"><ul>{menu()}</ul></nav></header>
        <div class="content-area"><main><article class="post hentry"><header class="entry-header">
        <div class="cat-links">{rubric(story)}</div><h1 class="entry-title">{escape(story.title)}</h1>
        <div class="entry-meta"><time class="entry-date published" datetime="{story.published}">{story.date}</time></div></header>
        <figure class="post-thumbnail"><img src="{story.photo}" alt="{escape(story.title)}"></figure>{para(story.credit, "div")}
        <div class="entry-content">{text}{para(story.byline)}</div>
        {story.after}</article></main>{sidebar()}</div>{footer()}</div>""",
    )


def wp_bare(story: Story) -> bytes:
    text = "".join(f"<p>{p}</p>\n" for p in story.paragraphs)
    return document(
        story,
        "",
        f"""<div class="wrap"><div class="top"><a href="/">{story.site}</a><ul>{menu()}</ul></div>
        <div class="left">{feed("p")}</div>
        <div class="single"><span class="crumb"><a href="/">Главная</a> » {escape(story.title)}</span>
        <div class="info">{story.date} {rubric(story)}</div>
        <h2>{escape(story.title)}</h2><img src="{story.photo}" alt="{escape(story.title)}" class="alignleft">
        {para(story.credit)}{text}{para(story.byline)}{story.after}</div>{footer()}</div>""",
    )


def dle_og(story: Story) -> bytes:
    text = "<br><br>\n".join(story.paragraphs)
    byline = f"<br /><br />{story.byline}" if story.byline else ""
    return document(
        story,
        og(story),
        f"""<div class="wrapper"><div class="head">{story.site}</div><ul class="topmenu">{menu()}</ul>
        <div id="dle-content"><div class="full-story"><div class="date">{story.date}</div>{rubric(story)}
        <h1>{escape(story.title)}</h1>
        <div class="full-img"><a href="{story.photo}"><img src="{story.photo}" alt="{escape(story.title)}"></a></div>
        {para(story.credit, "div")}<div class="story-text">{text}{byline}</div>{story.after}</div></div>
        <div class="rightcol">{feed("div")}{calendar()}</div>{footer()}</div>""",
        charset="windows-1251",
    )


def dle_tables(story: Story) -> bytes:
    text = "<br /><br />".join(story.paragraphs)
    byline = f"<br /><br />{story.byline}" if story.byline else ""
    credit = f"{story.credit}<br /><br />" if story.credit else ""
    return document(
        story,
        "",
        f"""<table><tr><td class="l">{menu("td")}{feed("div")}{calendar()}</td><td class="c">
        <table><tr><td class="t">{story.date}</td></tr><tr><td>{rubric(story)}</td></tr>
        <tr><td><div class="ttl">{escape(story.title)}</div></td></tr><tr><td><div id="news-id-77">
        <img src="{story.photo}" alt="{escape(story.title)}" title="{escape(story.title)}"><br />{credit}{text}{byline}</div></td></tr></table>
        {story.after}</td></tr></table>{footer()}""",
        charset="windows-1251",
        declared="utf-8",
    )


def bitrix(story: Story) -> bytes:
    text = "".join(f"<div>{p}</div>\n" for p in story.paragraphs)
    return document(
        story,
        f'<meta property="og:title" content="{escape(story.title)} - {story.site}">',
        f"""<div id="panel"></div><div class="workarea"><div class="bx-breadcrumb"><a href="/">Главная</a>
        {rubric(story)}</div><h1>{escape(story.title)}</h1><div class="news-detail">
        <img class="detail_picture" src="{story.photo}" alt=""><span class="news-date-time">{story.date}</span>
        {para(story.credit, "span")}{text}{para(story.byline, "div")}<div style="clear:both"></div></div>{story.after}</div>
        <div class="news-list">{teasers()}</div>{footer()}""",
    )


def oddity(story: Story) -> bytes:
    half = len(story.paragraphs) // 2
    parts = [f"<section class='k3'>{''.join(f'<p class=z9>{p}</p>' for p in part)}</section>" for part in
             (story.paragraphs[:half], story.paragraphs[half:])]  # fmt: skip
    return document(
        story,
        f'<meta property="article:published_time" content="{story.published}">' + og(story),
        f"""<div class="a1"><div class="b2">{menu("span")}</div><div class="c3"><div class="d4">{teasers()}</div>
        <div class="e5"><div><div class="f6"><span>{story.date}</span> {rubric(story)}</div>
        <h1><span>{escape(story.title)}</span></h1><div class="g7"><picture><img src="{story.photo}"></picture>
        {para(story.credit, "span")}</div><div class="h8">{"".join(parts)}{para(story.byline, "section")}</div></div>{story.after}</div></div>
        {footer()}""",
    )  # fmt: skip


SKINS: tuple[Callable[[Story], bytes], ...] = (wp_yoast, wp_bare, dle_og, dle_tables, bitrix, oddity)


def document(story: Story, head: str, body: str, charset: str = "utf-8", declared: str = "") -> bytes:
    html = (
        f'<!DOCTYPE html><html lang="ru"><head><meta charset="{declared or charset}">'
        f"<title>{escape(story.title)} — {story.site}</title>{head}</head><body>{body}"
        "<script>var related = 'Печать';</script></body></html>"
    )
    return html.encode(charset, "xmlcharrefreplace")


def og(story: Story) -> str:
    pairs = {
        "title": story.title,
        "url": story.url,
        "type": "article",
        "image": absolute(story),
        "site_name": story.site,
    }
    return "".join(f'<meta property="og:{name}" content="{escape(value)}">' for name, value in pairs.items())


def absolute(story: Story) -> str:
    return "/".join(story.url.split("/")[:3]) + story.photo


def para(text: str, tag: str = "p") -> str:
    return f"<{tag}>{text}</{tag}>\n" if text else ""


def rubric(story: Story) -> str:
    path = story.url.split("/")[3]
    return f'<a href="/{path}/">{story.rubric}</a>' if story.rubric else ""


def menu(tag: str = "li") -> str:
    names = ("Главная", "Власть", "Экономика", "Деловые новости", "Общество", "Контакты", "О редакции")
    return "".join(f'<{tag}><a href="/r{i}/">{name}</a></{tag}>' for i, name in enumerate(names))


def feed(tag: str) -> str:
    return "".join(
        f'<{tag}><a href="/n/{i}.html">{title}</a><span>1{i}:0{i}</span></{tag}>'
        for i, title in enumerate(NEIGHBOURS)
    )


def teasers() -> str:
    excerpt = "Подробности сообщили в районной администрации, где назвали и сроки, и подрядчика, и стоимость всех работ. "
    return "".join(
        f'<div class="it"><span>2{i}.10.2026 1{i}:00</span><h3><a href="/n/{i}/">{title}</a></h3><p>{excerpt * 3}</p></div>'
        for i, title in enumerate(NEIGHBOURS)
    )


def calendar() -> str:
    rows = "".join(
        "<tr>" + "".join(f'<td><a href="/2026/11/{d:02}/">{d}</a></td>' for d in range(w, w + 7)) + "</tr>"
        for w in (1, 8, 15)
    )
    return f"<div><b>Архив</b><table><tr><td colspan=7>« Ноябрь 2026 »</td></tr>{rows}</table></div>"


def sidebar() -> str:
    return f'<aside class="widget-area"><h2>Свежие записи</h2><ul>{feed("li")}</ul>{teasers()}</aside>'


def footer() -> str:
    return (
        '<div class="foot"><p>Свидетельство о регистрации средства массовой информации выдано управлением связи по области. '
        "При использовании материалов ссылка на издание обязательна, мнение редакции может не совпадать с мнением авторов. 16+</p></div>"
    )
