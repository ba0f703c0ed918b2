"""1C-Bitrix: the news.detail component, bare or with OpenGraph, with the microdata some templates add."""

from __future__ import annotations

from typing import Any, ClassVar

from .html import attribute
from .story import Stated
from .themes import Leaf, Parts, Theme, charset_meta, excerpt, og
from .themes_clutter import comments, share
from .themes_text import body, img


class Bitrix(Theme):
    """Flavour 0: the default template, title in the page's h1 and again in the component; flavour 1: microdata and OpenGraph."""

    name = "bitrix"
    uploads = "upload/iblock/{:%d%m}"
    shown = ("seconds", "dotted", "full", "short", "day")
    time_tags = ("", "", "local")
    native: ClassVar[dict[str, str]] = {
        "title": "page-title",
        "date": "news-date-time",
        "text": "news-detail-text",
        "article": "news-detail",
        "lead": "detail_picture",
        "tags": "news-detail-tags",
    }

    def head(self, leaf: Leaf) -> str:
        story = leaf.story
        named = [
            ("robots", "index, follow"),
            ("keywords", "новости области"),
            ("description", self._seo(leaf)),
        ]
        metas = "\n".join(f'<meta name="{name}" content="{attribute(text)}" />' for name, text in named)
        style = '<link href="/bitrix/cache/css/s1/main/template_1.css?16" type="text/css" rel="stylesheet" />'
        head = f"<title>{attribute(story.headline)}</title>\n{metas}\n{style}"
        if not leaf.look.flavour:
            return head
        pairs = [
            ("og:type", "article"),
            ("og:title", story.headline),
            ("og:description", excerpt(story.body(), 120)),
            ("og:url", leaf.url),
            ("og:image", story.image.url if story.image else ""),
            ("og:locale", "ru_RU"),
        ]
        return f"{head}\n{og(pairs)}"

    def _seo(self, leaf: Leaf) -> str:
        return f"{leaf.story.headline}: новости сайта «{leaf.brand.name}»"

    def states(self, leaf: Leaf) -> dict[str, Any]:
        if not leaf.look.flavour:
            return {"description": self._seo(leaf), "inLanguage": "ru"}
        return {
            "description": excerpt(leaf.story.body(), 120) or self._seo(leaf),
            "canonicalUrl": leaf.url,
            "inLanguage": "ru",
        }

    def places(self, leaf: Leaf) -> list[Stated]:
        return [Stated(leaf.story.published)] if self._micro(leaf) else []

    def _micro(self, leaf: Leaf) -> bool:
        return bool(leaf.look.flavour and leaf.look.native and leaf.look.shown)

    def title(self, leaf: Leaf) -> str:
        prop = ' itemprop="headline"' if self._micro(leaf) else ""
        return f'<h1 id="pagetitle"{self.css(leaf, "title")}{prop}>{leaf.text(leaf.story.headline, "title")}</h1>'

    def again(self, leaf: Leaf) -> str:
        """The component's own title: the same words as the page's h1."""
        return "" if leaf.look.flavour else f"<h3>{leaf.text(leaf.story.headline, 'again')}</h3>"

    def rubric(self, leaf: Leaf) -> str:
        name, path = leaf.section
        return f'<a href="{path}" title="{name}">{name}</a>'

    def lead(self, leaf: Leaf, credit: str = "") -> str:
        picture = leaf.story.image
        if not picture:
            return ""
        shown = img(leaf, picture, self.css(leaf, "lead") + ' border="0"', leaf.story.headline)
        words = credit or (leaf.text(picture.caption) if picture.caption else "")
        if not words:
            return shown
        return f"<figure>{shown}<figcaption>{words}</figcaption></figure>"

    def text(self, leaf: Leaf, after: str = "") -> str:
        prop = ' itemprop="articleBody"' if self._micro(leaf) else ""
        return f"<div{self.css(leaf, 'text')}{prop}>\n{body(leaf, 'bitrix')}\n{after}\n</div>"

    def tags(self, leaf: Leaf) -> str:
        if not (leaf.look.tags and leaf.story.tags):
            return ""
        links = ", ".join(
            f'<a href="/search/?tags={n}" rel="tag">{tag}</a>' for n, tag in enumerate(leaf.story.tags)
        )
        return f"<div{self.css(leaf, 'tags')}>Теги:&nbsp;{links}</div>"

    def page(self, leaf: Leaf, parts: Parts) -> str:
        look, micro = leaf.look, self._micro(leaf)
        scope = ' itemscope itemtype="http://schema.org/NewsArticle"' if micro else ""
        day = f'<meta itemprop="datePublished" content="{leaf.story.published.isoformat()}">' if micro else ""
        counter = f"Количество показов:&nbsp;{leaf.number}<br />" if not look.flavour else ""
        back = f'<p><a href="{leaf.section[1]}">Возврат к списку</a></p>'
        inner = look.nested(parts.article, "detail")
        clear = '<div style="clear:both"></div><br />'
        social = f'<div class="news-detail-share"><noindex>{share("")}</noindex></div>'
        detail = (
            f"<div{self.css(leaf, 'article')}{scope}>\n{day}{inner}\n{clear}{counter}{social}\n</div>\n{back}"
        )
        around = parts.laid_out(leaf, f'<div id="comp_0a1">{detail}</div>\n{comments(leaf, "bitrix")}')
        head = f"<head>\n{charset_meta(look)}\n{self.head(leaf)}\n</head>"
        frame = "<!--'start_frame_cache_cart'--><div id='bx_basket'></div><!--'end_frame_cache_cart'-->"
        return f'<!DOCTYPE html>\n<html xml:lang="ru" lang="ru">\n{head}\n<body>\n<div id="panel"></div>{frame}\n{around}\n</body>\n</html>'
