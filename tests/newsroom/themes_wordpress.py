"""WordPress: with an SEO plugin that prints a JSON-LD graph, and without one."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from .html import attribute, linked_data
from .story import Stated
from .themes import Leaf, Parts, Theme, charset_meta, excerpt, og
from .themes_clutter import comments, share
from .themes_dates import utc
from .themes_text import body, img

if TYPE_CHECKING:
    from datetime import datetime

NATIVE = {
    "title": "entry-title",
    "date": "entry-date published",
    "text": "entry-content",
    "lead": "post-thumbnail",
    "article": "hentry post",
    "byline": "byline",
    "tags": "tags-links",
}


class WordPress(Theme):
    """What all WordPress themes print."""

    native = NATIVE
    uploads = "wp-content/uploads/{:%Y/%m}"
    time_tags = ("offset", "offset", "local", "")

    def page(self, leaf: Leaf, parts: Parts) -> str:
        number, look = leaf.number, leaf.look
        classes = f"post-template-default single single-post postid-{number} single-format-standard {look.prefix}-theme"
        inner = look.nested(parts.article, "single")
        post = f'<article id="post-{number}"{self.css(leaf, "article")}>\n{inner}\n</article>'
        around = parts.laid_out(leaf, f"{post}\n{comments(leaf, 'wordpress')}")
        head = f"<head>\n{charset_meta(look)}\n{self.head(leaf)}\n{self._links(leaf)}\n</head>"
        return f'<!DOCTYPE html>\n<html lang="ru-RU">\n{head}\n<body class="{classes}">\n{around}\n</body>\n</html>\n'

    def _links(self, leaf: Leaf) -> str:
        home = leaf.brand.home
        feed = f'<link rel="alternate" type="application/rss+xml" title="{leaf.brand.name} &raquo; Лента" href="{home}/feed/" />'
        api = f'<link rel="https://api.w.org/" href="{home}/wp-json/" />'
        style = f'<link rel="stylesheet" href="{home}/wp-content/themes/{leaf.look.prefix}/style.css?ver=6.4.3" />'
        generator = '<meta name="generator" content="WordPress 6.4.3" />'
        return f"{feed}\n{style}\n{api}\n{generator}\n<link rel='shortlink' href='{home}/?p={leaf.number}' />"

    def lead(self, leaf: Leaf, credit: str = "") -> str:
        picture = leaf.story.image
        if not picture:
            return ""
        shown = img(leaf, picture, ' class="attachment-full size-full wp-post-image"', leaf.story.headline)
        words = credit or (leaf.text(picture.caption) if picture.caption else "")
        caption = f'<figcaption class="wp-caption-text">{words}</figcaption>' if words else ""
        return f"<figure{self.css(leaf, 'lead')}>{shown}{caption}</figure>"

    def text(self, leaf: Leaf, after: str = "") -> str:
        social = share(f' class="{leaf.look.name("share")}"') if leaf.look.flavour else ""
        inner = (
            leaf.look.nested(f"{body(leaf, 'wordpress')}\n{after}", "content") if leaf.look.depth < 2 else ""
        )
        return f"<div{self.css(leaf, 'text')}>\n{inner or body(leaf, 'wordpress') + after}\n{social}</div>"

    def tags(self, leaf: Leaf) -> str:
        if not (leaf.look.tags and leaf.story.tags):
            return ""
        links = ", ".join(
            f'<a href="{leaf.brand.home}/tag/{n}/" rel="tag">{t}</a>' for n, t in enumerate(leaf.story.tags)
        )
        return f"<footer><span{self.css(leaf, 'tags')}>Метки: {links}</span></footer>"


class WordPressGraph(WordPress):
    """WordPress with an SEO plugin: one JSON-LD @graph whose nodes refer to each other, and OpenGraph.

    Flavour 0 prints times in UTC and the newsroom as author of what nobody signed, flavour 1 prints the site's own
    zone, a description in the article node and keywords as one string.
    """

    name = "wordpress-graph"

    def head(self, leaf: Leaf) -> str:
        story, brand = leaf.story, leaf.brand
        description = excerpt(story.body(), 150)
        picture = story.image.url if story.image else ""
        pairs = [
            ("og:locale", "ru_RU"),
            ("og:type", "article"),
            ("og:title", f"{story.headline} - {brand.name}"),
            ("og:description", description),
            ("og:url", leaf.url),
            ("og:site_name", brand.name),
            ("article:published_time", self._time(leaf, story.published)),
            ("og:image", picture),
        ]
        names = [
            ("description", description),
            ("robots", "index, follow, max-image-preview:large, max-snippet:-1"),
        ]
        metas = "\n".join(
            f'<meta name="{name}" content="{attribute(text)}" />' for name, text in names if text
        )
        canonical = f'<link rel="canonical" href="{leaf.url}" />'
        graph = linked_data({"@context": "https://schema.org", "@graph": self._graph(leaf, description)})
        return f"<title>{attribute(story.headline)} - {brand.name}</title>\n{metas}\n{canonical}\n{og(pairs)}\n{graph}"

    def states(self, leaf: Leaf) -> dict[str, Any]:
        story = leaf.story
        return {
            "canonicalUrl": leaf.url,
            "description": excerpt(story.body(), 150),
            "dateModified": self._time(leaf, story.modified or story.published),
            "author": [] if leaf.look.flavour else [{"name": leaf.brand.company}],
            "articleSection": [leaf.section[0]],
            "keywords": list(story.tags),
            "inLanguage": "ru-RU",
            "publisher": {"name": leaf.brand.company},
            "isAccessibleForFree": True if leaf.look.flavour else None,
        }

    def places(self, leaf: Leaf) -> list[Stated]:
        at = leaf.story.published
        return [Stated(at) if leaf.look.flavour else utc(at)]

    def _time(self, leaf: Leaf, at: datetime) -> str:
        return at.isoformat() if leaf.look.flavour else at.astimezone(UTC).isoformat()

    def _graph(self, leaf: Leaf, description: str) -> list[dict[str, Any]]:
        home, url = leaf.brand.home, leaf.url
        webpage: dict[str, Any] = {
            "@type": "WebPage",
            "@id": url,
            "url": url,
            "name": leaf.story.headline,
            "inLanguage": "ru-RU",
        }
        webpage |= {"isPartOf": {"@id": f"{home}/#website"}, "description": description}
        site: dict[str, Any] = {
            "@type": "WebSite",
            "@id": f"{home}/#website",
            "url": f"{home}/",
            "name": leaf.brand.name,
        }
        site |= {"description": leaf.brand.tagline, "publisher": {"@id": f"{home}/#organization"}}
        logo = {"@type": "ImageObject", "@id": f"{home}/#logo", "url": f"{home}/wp-content/uploads/logo.png"}
        company: dict[str, Any] = {
            "@type": "Organization",
            "@id": f"{home}/#organization",
            "name": leaf.brand.company,
            "logo": logo,
        }
        crumbs = {
            "@type": "BreadcrumbList",
            "@id": f"{url}#breadcrumb",
            "itemListElement": self._crumbs(leaf),
        }
        nodes = [self._article(leaf, description), webpage, crumbs, site, company]
        if leaf.story.image:
            nodes.append({"@type": "ImageObject", "@id": f"{url}#primaryimage", "url": leaf.story.image.url})
        return nodes if leaf.look.flavour else [*nodes[1:], nodes[0]]

    def _crumbs(self, leaf: Leaf) -> list[dict[str, Any]]:
        names = ("Главная", leaf.section[0], leaf.story.headline)
        return [{"@type": "ListItem", "position": n, "name": name} for n, name in enumerate(names, 1)]

    def _article(self, leaf: Leaf, description: str) -> dict[str, Any]:
        story, home = leaf.story, leaf.brand.home
        node: dict[str, Any] = {
            "@type": "NewsArticle" if leaf.look.flavour else "Article",
            "@id": f"{leaf.url}#article",
            "isPartOf": {"@id": leaf.url},
            "headline": story.headline,
            "datePublished": self._time(leaf, story.published),
            "dateModified": self._time(leaf, story.modified or story.published),
            "mainEntityOfPage": {"@id": leaf.url},
            "publisher": {"@id": f"{home}/#organization"},
            "inLanguage": "ru-RU",
        }
        if story.image:
            node["image"] = {"@id": f"{leaf.url}#primaryimage"}
        if story.authors:
            people = [{"@type": "Person", "name": name} for name in story.authors]
            node["author"] = people if len(people) > 1 else people[0]
        elif not leaf.look.flavour:
            node["author"] = {"@id": f"{home}/#organization"}
        if leaf.look.flavour:
            more: dict[str, Any] = {
                "description": description,
                "articleSection": leaf.section[0],
                "isAccessibleForFree": True,
            }
            return node | more | {"keywords": ", ".join(story.tags)}
        return node | {"articleSection": [leaf.section[0]], "keywords": list(story.tags), "wordCount": 214}


class WordPressPlain(WordPress):
    """WordPress without JSON-LD: flavour 0 has no plugin at all, flavour 1 a small one for OpenGraph and article:*."""

    name = "wordpress-plain"

    def head(self, leaf: Leaf) -> str:
        story, brand = leaf.story, leaf.brand
        title = f"<title>{attribute(story.headline)} &#8211; {brand.name}</title>"
        canonical = f"<link rel='canonical' href='{leaf.url}' />"
        robots = "<meta name='robots' content='max-image-preview:large' />"
        if not leaf.look.flavour:
            return f"{title}\n{robots}\n{canonical}"
        pairs = [
            ("og:type", "article"),
            ("og:title", story.headline),
            ("og:url", leaf.url),
            ("og:description", excerpt(story.body())),
            ("og:site_name", brand.name),
            ("og:image", story.image.url if story.image else ""),
            ("article:published_time", f"{story.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"),
            ("article:modified_time", story.modified.isoformat() if story.modified else ""),
            *(("article:tag", tag) for tag in story.tags),
        ]
        return f"{title}\n{robots}\n{og(pairs)}\n{canonical}"

    def states(self, leaf: Leaf) -> dict[str, Any]:
        story = leaf.story
        states = {
            "canonicalUrl": leaf.url,
            "inLanguage": "ru-RU",
            "dateModified": story.modified.isoformat() if story.modified else None,
        }
        if not leaf.look.flavour:
            return states
        return states | {
            "description": excerpt(story.body()),
            "publisher": {"name": leaf.brand.name},
            "keywords": list(story.tags),
        }

    def places(self, leaf: Leaf) -> list[Stated]:
        return [utc(leaf.story.published)] if leaf.look.flavour else []

    def when(self, leaf: Leaf) -> str:
        modified = leaf.story.modified
        if leaf.look.flavour or not modified:
            return super().when(leaf)
        tag = f'<time itemprop="dateModified" datetime="{modified.isoformat()}">{modified:%d.%m.%Y %H:%M}</time>'
        return f'{super().when(leaf)} <span class="updated">Обновлено: {tag}</span>'
