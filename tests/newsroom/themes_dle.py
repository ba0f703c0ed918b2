"""DataLife Engine: the default template of the later versions with OpenGraph, and an old one without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .html import attribute
from .themes import Leaf, Parts, Theme, charset_meta, excerpt, og
from .themes_clutter import comments, share
from .themes_text import body, img

if TYPE_CHECKING:
    from .story import Image

GENERATOR = '<meta name="generator" content="DataLife Engine (http://dle-news.ru)">'


class DataLife(Theme):
    """What all DLE templates print."""

    uploads = "uploads/posts/{:%Y-%m}"

    def lead(self, leaf: Leaf, credit: str = "") -> str:
        picture = leaf.story.image
        if not picture:
            return ""
        link = f'<a href="{picture.url}" class="highslide" target="_blank">{self._img(leaf, picture)}</a>'
        words = credit or (leaf.text(picture.caption) if picture.caption else "")
        if credit:
            return f'<div class="full-img">{link}<div{leaf.look.css("photo-credit", "img-source")}>{words}</div></div>'
        caption = f"<figcaption>{words}</figcaption>" if words else ""
        return f'<figure class="full-img">{link}{caption}</figure>'

    def _img(self, leaf: Leaf, picture: Image) -> str:
        return img(leaf, picture, ' class="fr-dib"', leaf.story.headline)

    def text(self, leaf: Leaf, after: str = "") -> str:
        inner = f'<div id="news-id-{leaf.number}" style="display:inline;">{body(leaf, "dle")}\n{after}</div>'
        clear = '<div class="clr"></div>'
        social = share(f' class="{leaf.look.name("social")}"') if leaf.look.flavour else ""
        return f"<div{self.css(leaf, 'text')}>{inner}{clear}</div>{social}"

    def tags(self, leaf: Leaf) -> str:
        if not (leaf.look.tags and leaf.story.tags):
            return ""
        links = ", ".join(
            f'<a href="{leaf.brand.home}/tags/{n}/">{tag}</a>' for n, tag in enumerate(leaf.story.tags)
        )
        return f"<p{self.css(leaf, 'tags')}><i>Теги:</i> {links}</p>"

    def rubric(self, leaf: Leaf) -> str:
        name, path = leaf.section
        return f'<a href="{leaf.brand.home}{path}">{name}</a>'

    def _title(self, leaf: Leaf) -> str:
        return f"<title>{attribute(leaf.story.headline)} &raquo; {leaf.brand.name}</title>"

    def _scripts(self, leaf: Leaf) -> str:
        variables = f"var dle_root = '/';\nvar dle_news_id = '{leaf.number}';\nvar dle_group = 5;"
        return f"<script>\n<!--\n{variables}\n//-->\n</script>"


class DataLifeGraph(DataLife):
    """DLE 13 and later: article, time and h1; OpenGraph with the site's name and a description cut from the text."""

    name = "dle-og"
    shown = ("full", "full", "dashed", "relative", "dotted", "day")
    time_tags = ("day", "", "")
    native: ClassVar[dict[str, str]] = {
        "title": "title h1",
        "date": "date grey",
        "text": "text",
        "article": "box story fullstory",
        "tags": "story_tags",
    }

    def head(self, leaf: Leaf) -> str:
        story = leaf.story
        description = excerpt(story.body(), 195)
        pairs = [
            ("og:site_name", leaf.brand.name),
            ("og:type", "article"),
            ("og:title", story.headline),
            ("og:url", leaf.url),
            ("og:image", story.image.url if story.image else ""),
            ("og:description", description),
        ]
        named = [("description", description), ("keywords", "администрация, область, новости, работы, сроки")]
        metas = "\n".join(f'<meta name="{name}" content="{attribute(text)}">' for name, text in named if text)
        canonical = f'<link rel="canonical" href="{leaf.url}">'
        return f"{self._title(leaf)}\n{metas}\n{GENERATOR}\n{og(pairs)}\n{canonical}"

    def states(self, leaf: Leaf) -> dict[str, Any]:
        return {
            "canonicalUrl": leaf.url,
            "description": excerpt(leaf.story.body(), 195),
            "publisher": {"name": leaf.brand.name},
            "inLanguage": "ru",
        }

    def page(self, leaf: Leaf, parts: Parts) -> str:
        look = leaf.look
        head = f"<head>\n{charset_meta(look)}\n{self.head(leaf)}\n</head>"
        inner = look.nested(f'<div class="box_in">{parts.article}</div>', "story")
        story = f"<article{self.css(leaf, 'article')}>\n{inner}\n</article>\n{comments(leaf, 'dle')}"
        box = f'<div id="dle-content">{story}</div>'
        around = parts.laid_out(leaf, box)
        return f'<!DOCTYPE html>\n<html lang="ru">\n{head}\n<body>\n{around}\n{self._scripts(leaf)}\n</body>\n</html>'


class DataLifePlain(DataLife):
    """DLE 10: XHTML, tables and divs, the title in a bold h3 or in h1, no OpenGraph, no canonical, no language."""

    name = "dle-plain"
    shown = ("full", "dashed", "relative", "spaced", "first")
    native: ClassVar[dict[str, str]] = {
        "title": "btl",
        "date": "arg",
        "text": "maincont",
        "article": "base fullstory",
        "tags": "basetags",
    }

    def head(self, leaf: Leaf) -> str:
        description = excerpt(leaf.story.body(), 195)
        named = [("description", description), ("keywords", "область, новости, район, план, порядок")]
        metas = "\n".join(
            f'<meta name="{name}" content="{attribute(text)}" />' for name, text in named if text
        )
        return f"{self._title(leaf)}\n{metas}\n{GENERATOR}"

    def states(self, leaf: Leaf) -> dict[str, Any]:
        return {"description": excerpt(leaf.story.body(), 195)}

    def title(self, leaf: Leaf) -> str:
        tag = "h3" if leaf.look.native else "h1"
        words = f'<span id="news-title">{leaf.text(leaf.story.headline, "title")}</span>'
        return f"<{tag}{self.css(leaf, 'title')}>{words}</{tag}>"

    def page(self, leaf: Leaf, parts: Parts) -> str:
        look = leaf.look
        kind = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">'
        head = f"<head>\n{charset_meta(look)}\n{self.head(leaf)}\n{self._scripts(leaf)}\n</head>"
        inner = look.nested(f'<div class="dpad">{parts.article}</div>', "cell")
        story = f"<div{self.css(leaf, 'article')}>\n{inner}\n</div>\n{comments(leaf, 'dle')}"
        main = f'<div id="dle-content">{story}</div>'
        if look.aside in ("left", "right"):
            main = f'<table width="100%" cellspacing="0"><tr><td valign="top">{main}</td></tr></table>'
        around = parts.laid_out(leaf, main)
        return (
            f'{kind}\n<html xmlns="http://www.w3.org/1999/xhtml">\n{head}\n<body>\n{around}\n</body>\n</html>'
        )
