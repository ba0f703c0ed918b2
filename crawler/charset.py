"""Which charset a page is in, whatever it declares."""

import codecs
import re
from collections.abc import Iterable, Sequence

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
LATIN = frozenset({"iso8859-1", "ascii", "cp1252"})


def decode(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The text and the charset it was read with: BOM, header, meta, then what fits.

    Bytes that are valid UTF-8 are UTF-8 whatever was declared; a declared charset that fails on the bytes, or gives
    text that is plainly another encoding, is passed over for windows-1251.

    >>> decode("Привет".encode("cp1251"), [("Content-Type", "text/html; charset=utf-8")])
    ('Привет', 'windows-1251')
    >>> decode("Привет".encode("koi8-r"), [("Content-Type", "text/html; charset=koi8-r")])
    ('Привет', 'koi8-r')
    """
    for mark, name in BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace"), name.removesuffix("-le").removesuffix("-be")
    for name in _candidates(body, headers):
        text = _attempt(body, name)
        if text is not None:
            return text, name
    return _forced(body)


def _candidates(body: bytes, headers: Sequence[tuple[str, str]]) -> Iterable[str]:
    yield "utf-8"
    for name in (*_declared(body, headers), "windows-1251"):
        codec = _codec(name)
        if codec == "cp1251" or codec in LATIN:  # a Latin label on Russian bytes is a server's default, not a fact
            yield "windows-1251"
        elif codec:
            yield name.lower()


def _declared(body: bytes, headers: Sequence[tuple[str, str]]) -> list[str]:
    stated = [value for name, value in headers if name.lower() == "content-type"]
    in_header = [match[1] for value in stated if (match := IN_HEADER.search(value))]
    return in_header + [match[1].decode("ascii", "replace") for match in DECLARED.finditer(body, 0, 4096)]


def _codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        return ""


def _attempt(body: bytes, name: str) -> str | None:
    try:
        text = body.decode(name)
    except (UnicodeDecodeError, LookupError):
        return None
    return None if name != "utf-8" and _mistaken(text) else text


def _mistaken(text: str) -> bool:
    """Whether Cyrillic letters stand in the wrong case or beside signs, as in the wrong one of two 8-bit charsets."""
    lower = len(re.findall("[а-яё]", text))
    upper = len(re.findall("[А-ЯЁ]", text))
    return upper > 2 * lower and upper > 20 and len(re.findall(r"[а-яё][А-ЯЁ]{2}", text)) > upper // 10


def _forced(body: bytes) -> tuple[str, str]:
    """UTF-8 with a few broken bytes (a cut page) or windows-1251, whichever has more readable text."""
    text = body.decode("utf-8", "replace")
    if text.count("\N{REPLACEMENT CHARACTER}") * 50 < len(re.findall("[а-яёА-ЯЁ]", text)) + 50:
        return text, "utf-8"
    return body.decode("windows-1251", "replace"), "windows-1251"
