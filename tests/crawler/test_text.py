import pytest

from crawler.markup import parse
from crawler.text import anchor, paragraphs, words


def read(html: str, *end: str, drop: str = "") -> list[str]:
    body = parse(f"<body>{html}</body>")
    dropped = body.xpath(f"//*[@class='{drop}']") if drop else []
    return paragraphs(body, drop=dropped, end={anchor(text) for text in end})


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Раз.</p><p>Два.</p>", ["Раз.", "Два."]),
        ("<div>Раз.</div><div>Два.</div>", ["Раз.", "Два."]),
        ("Раз.<br><br>Два.<br/> <br>\n<br>Три.", ["Раз.", "Два.", "Три."]),
        ("<p>Раз<br>и ещё.</p>", ["Раз и ещё."]),
        ("<div>До <p>раз</p> после</div>", ["До", "раз", "после"]),
        ("<ul><li>Раз;</li><li><p>Два.</p></li></ul>", ["Раз;", "Два."]),
        ("<blockquote><p>Раз.</p><p>Два.</p><footer>Автор</footer></blockquote>", ["Раз.", "Два.", "Автор"]),
        ("<h2>Глава</h2><p>Раз.</p><h3>Ещё</h3>", ["Глава", "Раз.", "Ещё"]),
        ("<pre>Раз\n  два</pre>", ["Раз два"]),
        ("<p>Раз <b>два</b><i>три</i> <a href=x>четыре</a>.</p>", ["Раз дватри четыре."]),
        ("<p>Раз&nbsp;&mdash; два&shy;жды&#8203;.</p>", ["Раз — дважды."]),
        ("<p>Раз <script>var x</script>два<style>p{}</style>.</p>", ["Раз два."]),
        ("<p> </p><p>&nbsp;</p><p>Раз.</p>", ["Раз."]),
        ("<dl><dt>Кто</dt><dd>Я</dd></dl>", ["Кто", "Я"]),
    ],
)
def test_paragraphs_are_found_in_any_markup(html: str, expected: list[str]) -> None:
    assert read(html) == expected


def test_a_row_of_a_table_is_one_paragraph() -> None:
    table = (
        "<table><tr><th>Год</th><th>Рост</th></tr><tr><td>2025</td><td><p>3 %</p></td><td> </td></tr></table>"
    )
    assert read(table) == ["Год | Рост", "2025 | 3 %"]


def test_a_table_that_only_lays_out_the_page_is_read_as_blocks() -> None:
    assert read("<table><tr><td>Меню</td><td><p>Раз.</p><p>Два.</p></td></tr></table>") == [
        "Меню",
        "Раз.",
        "Два.",
    ]
    assert read("<table><tr><td><p>Раз.</p><p>Два.</p></td></tr></table>") == ["Раз.", "Два."]


@pytest.mark.parametrize(
    "clutter",
    [
        "<h1>Заголовок</h1>",
        "<p hidden>Скрыто</p>",
        '<div style="color:red; DISPLAY : none">Скрыто</div>',
        '<div aria-hidden="true">Скрыто</div>',
        '<span class="sr-only">Скрыто</span>',
        '<div class="x visually-hidden">Скрыто</div>',
        "<noscript>Включите скрипты</noscript>",
        "<template><p>Шаблон</p></template>",
        "<iframe>рамка</iframe>",
        "<form><p>Опрос</p><button>Да</button></form>",
        "<figure><img src=a.jpg><figcaption>Подпись</figcaption></figure>",
        '<p class="wp-caption-text">Подпись</p>',
        '<blockquote class="twitter-tweet"><p>Твит</p></blockquote>',
        '<blockquote class="instagram-media">Пост</blockquote>',
        '<div class="video-js vjs-default-skin"><p>This is a modal window.</p></div>',
        "<p>This is a modal window. Это окно</p>",
        "<nav>Меню</nav><aside>Сбоку</aside>",
        "<p>Читайте также: <a href=/1>Другая новость</a></p>",
        "<p><a href=/1><b>Читайте также:</b> Другая новость</a></p>",
        "<h3>Читайте также</h3><ul><li><a href=/1>Одна</a></li><li><a href=/2>Другая</a></li></ul>",
        "<p>Смотрите также — <a href=/1>Одна</a>, <a href=/2>Другая</a>.</p>",
        "<!-- комментарий -->",
    ],
)
def test_clutter_between_paragraphs_is_left_out(clutter: str) -> None:
    assert read(f"<p>Раз.</p>{clutter}<p>Два.</p>") == ["Раз.", "Два."]


def test_a_teaser_at_the_end_of_a_sentence_is_cut_off() -> None:
    assert read("<p>Он уехал. Читайте также: <a href=/1>Куда он уехал</a></p>") == ["Он уехал."]


@pytest.mark.parametrize(
    "prose",
    [
        "<p>Подробнее об этом — в <a href=/1>докладе</a> министра.</p>",
        "<p>По теме дорог выступил <a href=/1>министр</a>.</p>",
        "<p>Советуем: читайте также <a href=/1>книги</a> и газеты.</p>",
        "<p>Новый MacBook <b>Pro</b> показали в мае.</p>",
    ],
)
def test_prose_that_only_sounds_like_a_teaser_stays(prose: str) -> None:
    assert len(read(prose, "Pro")) == 1
    assert read(prose, "Pro") == [words(parse(prose).text_content())]


@pytest.mark.parametrize(
    "anchored",
    [
        "<p>Печать</p>",
        "<div><a href=#>Печать</a> | 12</div>",
        "<h4>ПЕЧАТЬ:</h4>",
        "<p><b><i>Печать</i></b></p>",
        "<br><br><b>Печать</b><br>",
    ],
)
def test_the_text_ends_at_an_element_that_is_an_anchor(anchored: str) -> None:
    assert read(f"<p>Печать книг растёт.</p><p>Раз.</p>{anchored}<p>Лента</p>", "Печать") == [
        "Печать книг растёт.",
        "Раз.",
    ]


def test_dropped_elements_take_their_children_with_them_but_not_what_follows() -> None:
    assert read("<p>Раз <span class=x><b>два</b></span> три.</p><div class=x><p>Нет</p></div>", drop="x") == [
        "Раз три."
    ]


def test_a_figure_that_holds_a_table_is_read() -> None:
    assert read(
        "<figure><table><tr><td>1</td><td>2</td></tr></table><figcaption>Под</figcaption></figure>"
    ) == ["1 | 2"]


def test_broken_html_loses_no_words() -> None:
    assert read("<div><p>Раз <b>два<p>Три</i></div></span>Четыре<td>Пять") == [
        "Раз два",
        "Три",
        "Четыре",
        "Пять",
    ]


def test_deep_nesting_is_read_and_hostile_nesting_ends() -> None:
    assert read("<div>" * 1_500 + "Дно") == ["Дно"]
    assert read("<p>Раз.</p>" + "<div>" * 200_000) == ["Раз."]


def test_an_empty_line_does_not_end_a_list_of_links_to_read_also() -> None:
    html = "<p>Мост открыт.</p><p>Читайте также:</p><p> </p><p><a href=/1>Река вскрылась</a></p><p>Движение началось.</p>"
    assert read(html) == ["Мост открыт.", "Движение началось."]
