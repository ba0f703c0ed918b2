"""The boxes inside a text that are no text: adverts, appeals, polls, lists of other articles, however they are named."""

import re

from lxml.html import HtmlElement

from crawler.text import words

NAMED = re.compile(
    r"(?:^|[\s_-])(?:advert\w*|author-?(?:bio|info)|banner|byline|captions?|comments?(?:-area|-list)?|cookie\w*|copyright|credits?"
    r"|media-?info|most-?(?:read|popular|viewed)|newsletter\w*|outbrain|poll|promo\w*|recirc\w*|recommend\w*|related\w*"
    r"|share\w*|sharing|sidebar|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?|timestamp|toolbar|trending"
    r"|widget)(?:$|[\s_-])",
    re.IGNORECASE,
)
ADVERT = re.compile(
    r"Реклама\b.{0,80}?\b(?:erid|ООО|АО|ИП|18\+|16\+|0\+)|На правах рекламы|(?i:erid:)", re.DOTALL
)
APPEAL = re.compile(
    r"(?:Подписывайтесь|Подпишитесь|Присоединяйтесь|Следите за нами|Читайте нас|Больше новостей)\b",
    re.IGNORECASE,
)
APPEAL_AT_MOST = 160  # characters
BOX_AT_MOST = 0.3  # of a block's text: what holds more is the text, whatever it is called
ALL_AT_MOST = 0.5  # of a block's text: where names condemn more, they mean something else


def boxes(block: HtmlElement) -> set[HtmlElement]:
    """The elements of a block that are boxes by their name, or by the words that every advert and appeal must use."""
    whole = len(block.text_content())
    small = [
        node
        for node in block.iterdescendants()
        if isinstance(node.tag, str) and len(node.text_content()) <= BOX_AT_MOST * whole
    ]
    named = {node for node in small if _is_named(node)}
    if sum(len(node.text_content()) for node in named if node.getparent() not in named) > ALL_AT_MOST * whole:
        named = set()
    return named | {box for node in small if (box := _worded(node, block)) is not None}


def _is_named(node: HtmlElement) -> bool:
    match = NAMED.search(f"{node.get('class', '')} {node.get('id', '')}")
    return match is not None and not (
        "caption" in match[0].lower() and next(node.iter("img"), None) is not None
    )


def _worded(node: HtmlElement, block: HtmlElement) -> HtmlElement | None:
    """The box that an advert's mark stands in, or the element that is an appeal and nothing else."""
    if not node.text and len(node) != 1:
        return None
    line = words(node.text_content())
    if ADVERT.match(line):
        around = node.getparent()
        fits = around is not block and len(around.text_content()) <= BOX_AT_MOST * len(block.text_content())
        return around if fits else node
    return node if len(line) < APPEAL_AT_MOST and APPEAL.match(line) else None
