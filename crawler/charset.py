"""Which charset a page is in, whatever it declares."""

import codecs
import re
from collections.abc import Iterator, Sequence
from itertools import chain, islice

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,80}encoding=[\"']([\w.:-]+)",
    re.IGNORECASE,
)
IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
FEW = 3  # words: too few to say how a language is spelt
MANY = 100  # words, or letters: enough to say so
SAMPLES = (2_048, 8_192, 32_768, None)  # bytes of a page that are asked, until there are so many
PIECE = 16_384  # bytes
HEAD = 4096  # bytes in which a declaration is looked for
EIGHT_BITS = re.compile(r"cp\d+|koi8|iso8859|mac|gb|big5|euc|shift_jis|tis|hz", re.IGNORECASE)
LATIN = re.compile(r"ascii|iso8859-1(?:5)?$|cp1252")
ASCII, FOLLOWING = bytes(range(0x80)), bytes(range(0x80, 0xC0))  # the latter only go on a letter of UTF-8
HIGH = bytes(range(0x80, 0x100))
CYRILLIC_RUN = re.compile(rb"[\x80-\xff]{3,}")
CYRILLIC = re.compile("[а-яёА-ЯЁ]")
CYRILLIC_WORD = re.compile("[а-яёА-ЯЁ]{2,}")
SWAPPED = re.compile("[а-яё][А-ЯЁ]+|[А-ЯЁ]{4,}")
FOREIGN = re.compile("[\udc80-\udcff]+")  # bytes that were no UTF-8, as Python's surrogateescape keeps them


def decode(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> tuple[str, str]:
    """The text and the charset it was read with: byte order mark, then UTF-8 if it is that, then header, meta, what fits.

    Bytes that are valid UTF-8, but for a few, are UTF-8 whatever was declared. A declared charset that fails on the
    bytes or turns Russian text into another one's letters is passed over, in the end for windows-1251 or -1252.

    >>> decode("Привет".encode("cp1251"), [("Content-Type", "text/html; charset=utf-8")])
    ('Привет', 'windows-1251')
    >>> decode("Привет".encode("koi8-r"), [("Content-Type", "text/html; charset=koi8-r")])
    ('Привет', 'koi8-r')
    """
    recoded, name = recode(body, headers)
    return recoded.decode("utf-8"), name


def recode(body: bytes, headers: Sequence[tuple[str, str]] = ()) -> tuple[bytes, str]:
    """The same in UTF-8, the form that parsers read at once: the very bytes handed in where they are that."""
    for mark, codec in BOMS:
        if body.startswith(mark):
            text = body[len(mark) :].decode(codec, "replace")
            return text.encode(), codec[: len("utf-16")].rstrip("-")
    if _is_utf8(body):
        return body, "utf-8"
    text, name = _eight_bit(body, headers)
    return text.encode("utf-8", "replace"), name


def _is_utf8(body: bytes) -> bool:
    """Whether the bytes are valid UTF-8; asked piece by piece, in half the time that a text as long as the page takes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(body), PIECE):
            decoder.decode(body[at : at + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bit(body: bytes, headers: Sequence[tuple[str, str]]) -> tuple[str, str]:
    if _is_broken_utf8(body):
        return _mended(body.decode("utf-8", "surrogateescape")), "utf-8"
    for name in chain(_declared(body, headers), _guess(body)):
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if not _mistaken(text):
            return text, name
    return body.decode("windows-1251", "replace"), "windows-1251"


def _is_broken_utf8(body: bytes) -> bool:
    """Whether, read as UTF-8, the bytes hold more than two Cyrillic letters for each byte that is lost."""
    high = body.translate(None, ASCII)
    leading = len(high.translate(None, FOLLOWING))
    if (
        leading - (following := len(high) - leading)
    ) * 2 >= following:  # so many at least are lost, so few kept
        return False
    read = body.decode("utf-8", "ignore")
    kept = read.encode("utf-8")
    lost = len(body) - len(kept)
    foreign = len(kept) - len(read)  # no fewer than the Cyrillic letters, and sooner counted
    return lost * 2 < foreign and lost * 2 < len(CYRILLIC.findall(read))


def _mended(escaped: str) -> str:
    """Text that is UTF-8 but for some bytes: those of a windows-1251 passage read as such, others marked as lost."""
    passage = any(len(run) > 1 for run in FOREIGN.findall(escaped))
    charset = "windows-1251" if passage else "ascii"
    return FOREIGN.sub(
        lambda run: run[0].encode("utf-8", "surrogateescape").decode(charset, "replace"), escaped
    )


def _declared(body: bytes, headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    stated = [value for name, value in headers if name.lower() == "content-type"]
    names = [match[1] for value in stated if (match := IN_HEADER.search(value))]
    names += [(match[1] or match[2]).decode("ascii", "replace") for match in DECLARED.finditer(body, 0, HEAD)]
    for name in names:
        try:
            codec = "cp1251" if "1251" in name else codecs.lookup(name).name
        except LookupError:
            continue
        if codec == "cp1251":
            yield "windows-1251"
        elif EIGHT_BITS.match(codec) and not LATIN.match(
            codec
        ):  # Latin on Russian bytes is a server's default
            yield name.lower()


def _guess(body: bytes) -> Iterator[str]:
    """Windows-1251 where high bytes stand in words, windows-1252 where they stand alone (é, ü, quotes)."""
    for size in SAMPLES:
        part = body[:size]
        high = len(part) - len(part.translate(None, HIGH))
        words = sum(map(len, CYRILLIC_RUN.findall(part)))
        if high >= MANY:
            break
    yield "windows-1251" if words * 2 > high else "windows-1252"


def _mistaken(text: str) -> bool:
    """Whether most Cyrillic words are capitals after a small letter: the mark of windows-1251 read as KOI8-R and back.

    The words at the beginning say so of the whole, where there are enough of them.
    """
    parts = (part for part in text.split(">") if not part.isascii())  # known without a look at their letters
    words = (word[0] for part in parts for word in CYRILLIC_WORD.finditer(part))
    known = list(islice(words, MANY))
    swapped = [word for word in known if not word.islower() and SWAPPED.fullmatch(word)]
    return len(swapped) * 2 > len(known) > FEW
