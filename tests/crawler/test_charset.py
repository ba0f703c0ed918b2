import codecs

import pytest

from crawler.charset import decode

TEXT = "<p>Губернатор открыл мост через реку Вопь – «долгожданный», 25 августа</p> Ещё одна строка о погоде."


def header(charset: str) -> list[tuple[str, str]]:
    return [("content-type", f"text/html; charset={charset}")]


@pytest.mark.parametrize(
    "declared", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", "UTF8", "bogus-99", ""]
)
@pytest.mark.parametrize(("real", "name"), [("utf-8", "utf-8"), ("cp1251", "windows-1251")])
def test_russian_text_survives_any_declaration(declared: str, real: str, name: str) -> None:
    meta = f'<meta charset="{declared}">'
    assert decode((meta + TEXT).encode(real), header(declared)) == (meta + TEXT, name)
    assert decode((meta + TEXT).encode(real)) == (meta + TEXT, name)


def test_koi8_is_read_where_it_is_declared() -> None:
    text = TEXT.replace("«", '"').replace("»", '"').replace("–", "-")
    assert decode(text.encode("koi8-r"), header("KOI8-R")) == (text, "koi8-r")


@pytest.mark.parametrize("label", ["Windows-1251", "cp1251", "win-1251", "WINDOWS1251"])
def test_every_name_of_windows_1251_is_understood(label: str) -> None:
    assert decode(TEXT.encode("cp1251"), header(label)) == (TEXT, "windows-1251")


@pytest.mark.parametrize(
    ("mark", "real", "name"),
    [(codecs.BOM_UTF8, "utf-8", "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16")],
)
def test_a_byte_order_mark_is_believed_and_taken_away(mark: bytes, real: str, name: str) -> None:
    assert decode(mark + TEXT.encode(real), header("windows-1251")) == (TEXT, name)


def test_a_page_cut_inside_a_letter_stays_utf_8() -> None:
    text, name = decode((TEXT * 3).encode()[:-3] + b"\xd0", header("utf-8"))
    assert name == "utf-8"
    assert text.startswith(TEXT)


def test_a_passage_in_the_other_charset_is_mended() -> None:
    body = (TEXT * 3).encode() + "<i>Вставка чужого блока</i>".encode("cp1251")
    assert decode(body) == (TEXT * 3 + "<i>Вставка чужого блока</i>", "utf-8")


def test_western_text_without_a_declaration_is_not_made_cyrillic() -> None:
    assert decode("Café für Élise, naïve".encode("cp1252")) == ("Café für Élise, naïve", "windows-1252")


@pytest.mark.parametrize("label", ["base64", "unicode_escape", "utf-16", "utf-7", "x" * 300])
def test_codecs_that_are_no_charset_of_a_page_are_passed_over(label: str) -> None:
    assert decode(TEXT.encode("cp1251"), header(label)) == (TEXT, "windows-1251")


def test_bytes_that_are_no_text_give_some_text() -> None:
    text, _ = decode(bytes(range(256)) * 4, header("utf-8"))
    assert text
