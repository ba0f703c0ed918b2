import pytest

from crawler.markup import parse
from crawler.selectors import Index, walk

HTML = """<body><div class="a x" id=one><p class=b>1</p><p>2</p><span data-k=v class="b c"><i>3</i></span></div>
<div class=a><p class="b b">4</p><div class=a><em data-k>5</em></div></div></body>"""


@pytest.mark.parametrize(
    "css",
    [
        ".a", ".a .b", ".a > .b", ".a > p", "p", "p.b", ".b.c", ".b:first-child", "[data-k]", ".c[data-k=v]", ".b:not(.c)", "#one > .b",
        ".x .b, .a em, i", ".a:not(:has(em))", ".none", "div.a div.a", ".a > .a > em", "p:last-child", "*", ".b, .b",
        "#one.a", "#none.a", "[data-k].b", "[title].a", "#one.x[id]", ".a#one", "div#one.a",
    ],
)  # fmt: skip
@pytest.mark.parametrize("singly", [0, 1, 9])
def test_the_index_selects_what_a_walk_selects(css: str, singly: int) -> None:
    root = parse(HTML)
    index = Index(root, HTML.encode(), singly)
    for within in (root, root[0][0], root[0][1]):
        assert index.select(css, within) == walk(css, within)


def test_an_element_of_another_tree_is_walked() -> None:
    index = Index(parse(HTML), HTML.encode())
    other = parse("<div class=a><b class=b></b></div>")
    assert [node.tag for node in index.select(".a .b", other)] == ["b"]


@pytest.mark.parametrize("singly", [0, 9])
def test_a_class_is_a_whole_word_of_what_is_said(singly: int) -> None:
    html = b"<p class='a__b'>1</p><p class='a\n b'>2</p><p class=\"\tb\">3</p><p class='b__a b-a'>4</p>"
    index = Index(parse(html), html, singly)
    assert [node.text for node in index.select(".b", index.root)] == ["2", "3"]
    assert [node.text for node in index.select(".a, .b-a", index.root)] == ["2", "4"]


def test_a_class_is_found_behind_ones_that_are_not_there() -> None:
    html = "<p class='рубрика top'>1</p><p class=b>2</p><p class=b-b>.c</p>".encode()
    index = Index(parse(html), html)
    found = {
        css: [node.text for node in index.select(css, index.root)]
        for css in (".c", ".рубрика", ".b", ".top", ".d")
    }
    assert found == {".c": [], ".рубрика": ["1"], ".b": ["2"], ".top": ["1"], ".d": []}


@pytest.mark.parametrize("singly", [0, 9])
@pytest.mark.parametrize("first", [".y", r".\[\&_a\]\:mt-2"])
def test_a_class_with_signs_that_pages_write_as_references_is_found(singly: int, first: str) -> None:
    html = b'<p class="[&amp;_a]:mt-2 t">1</p><p class=y>2</p>'
    index = Index(parse(html), html, singly)
    index.select(first, index.root)
    assert [node.text for node in index.select(r".\[\&_a\]\:mt-2", index.root)] == ["1"]
