"""The boxes inside a text that are no text: adverts, appeals, polls, lists of other articles, however they are named."""

import re
from functools import lru_cache

from lxml.html import HtmlElement

from crawler.text import beginnings, content, words

NAMED = re.compile(  # in small letters
    r"(?:^|[\s_-])(?:advert\w*|author-?(?:bio|info)|banner|byline|captions?|comments?(?:-area|-list)?|cookie\w*|copyright|credits?"
    r"|media-?info|most-?(?:read|popular|viewed)|newsletter\w*|outbrain|poll|promo\w*|recirc\w*|recommend\w*|related\w*"
    r"|share\w*|sharing|sidebar|social\w*|sponsor\w*|subscri\w*|taboola|tags?|teasers?|timestamp|toolbar|trending"
    r"|widget)(?:$|[\s_-])"
)
ADVERT = re.compile(
    r"Реклама\b.{0,80}?\b(?:erid|ООО|АО|ИП|18\+|16\+|0\+)|На правах рекламы|(?i:erid:)", re.DOTALL
)
APPEAL = re.compile(
    r"(?:Подписывайтесь|Подпишитесь|Присоединяйтесь|Следите за нами|Читайте нас|Больше новостей)\b",
    re.IGNORECASE,
)
BEGINNINGS = beginnings("рнeпсчб")  # of these words
APPEAL_AT_MOST, WORDED_AT_MOST = 160, 400  # characters
BOX_AT_MOST = 0.3  # of a block's text: what holds more is the text, whatever it is called
ALL_AT_MOST = 0.5  # of a block's text: where names condemn more, they mean something else


def boxes(block: HtmlElement) -> set[HtmlElement]:
    """The elements of a block that are boxes by their name, or by the words that every advert and appeal must use."""
    length = _lengths(block)
    small = [node for node in block.iterdescendants() if length[node] <= BOX_AT_MOST * length[block]]
    named = {node for node in small if _is_named(node)}
    if sum(length[node] for node in named if node.getparent() not in named) > ALL_AT_MOST * length[block]:
        named = set()
    marked = [node for node in small if length[node] <= WORDED_AT_MOST and _is_worded(node)]
    around = (node.getparent() for node in marked if ADVERT.match(words(content(node))))
    return named | set(marked) | {node for node in around if node is not block and node in small}


def _lengths(block: HtmlElement) -> dict[HtmlElement, int]:
    """How many characters each element under the block holds."""
    length: dict[HtmlElement, int] = {}
    for node in reversed(list(block.iter())):
        held = sum(length[child] + len(child.tail or "") for child in node)
        length[node] = held + len(node.text or "")
    return length


def _is_named(node: HtmlElement) -> bool:
    name = _name(node.get("class"), node.get("id"))
    return name is not None and not ("caption" in name and next(node.iter("img"), None) is not None)


@lru_cache(maxsize=4096)  # a page repeats few names often
def _name(*names: str | None) -> str | None:
    match = NAMED.search(" ".join(filter(None, names)).lower())
    return match[0] if match else None


def _is_worded(node: HtmlElement) -> bool:
    """Whether an element bears the mark of an advert, or is an appeal and nothing else."""
    own = node.text or ""
    if own.lstrip()[:1] not in BEGINNINGS or not (own or len(node) == 1):
        return False
    line = words(content(node))
    return ADVERT.match(line) is not None or (len(line) < APPEAL_AT_MOST and APPEAL.match(line) is not None)
