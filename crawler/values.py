"""Dates, names, credits and titles as Russian news sites write them (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from crawler.text import words

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "янв jan", "фев feb", "мар mar", "апр apr", "мая май may", "июн jun", "июл jul", "авг aug", "сен sep",
            "окт oct", "ноя nov", "дек dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
MONTH = (
    r"(?P<month>янв(?:ар[ья])?|февр?(?:ал[ья])?|март?а?|апр(?:ел[ья])?|ма[йя]|июн[ья]?|июл[ья]?|авг(?:уста?)?|сент?(?:ябр[ья])?"
    r"|окт(?:ябр[ья])?|ноя(?:б|бр[ья])?|дек(?:абр[ья])?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-zа-яё])\.?"
)
TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,]\d+)?(?:\s*(?P<half>[ap])\.?m\b\.?)?"
ZONE = r"(?:\s*\(?(?P<zone>[+-]\d\d:?\d\d|[+-]\d\d\b|z\b|utc\b|gmt\b|мск\b|msk\b|[ecmp][ds]t\b))?"
SINCE = rf"(?:[\s,|/·•—–-]*(?:\b[вat]{{1,2}}\s+)?(?<!\d){TIME}{ZONE})?"
YEAR = r"(?P<year>(?:19|20)\d\d)"
DAY = r"(?P<day>\d{1,2})"
FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<!\d){YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?:(?:T|\s+){TIME}{ZONE})?(?!\d)",
        rf"(?<!\d){YEAR}(?P<month>\d\d)(?P<day>\d\d)T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?{ZONE}(?!\d)",
        rf"(?<![\d:]){TIME},?\s+{DAY}\.(?P<month>\d\d)\.{YEAR}(?!\d)",
        rf"(?<![\d:]){TIME}{ZONE},?\s+{DAY}\s+{MONTH}(?:,?\s+{YEAR})?(?!\d)",
        rf"(?<![\d.:]){DAY}\.(?P<month>\d\d)\.{YEAR}(?!\d)(?:\s*г\.?)?{SINCE}",
        rf"(?<![\d.:-]){DAY}-(?P<month>\d\d)-{YEAR}(?!\d){SINCE}",
        rf"(?<![\d.:]){DAY}/(?P<month>\d\d)/{YEAR}(?!\d){SINCE}",
        rf"(?<![\d:]){DAY}(?:st|nd|rd|th)?[\s-]+(?:of\s+)?{MONTH}(?:,?[\s-]+{YEAR}(?!\d)(?:\s*г(?:ода|\.)?)?)?{SINCE}",
        rf"(?<![a-zа-яё]){MONTH}\s+{DAY}(?!\d)(?:st|nd|rd|th)?(?:,?\s+{YEAR}(?!\d))?{SINCE}",
        rf"(?<![а-яё])(?P<ago>сегодня|вчера|позавчера){SINCE}",
    )
)
DIGIT = re.compile(r"\d")
TIME_ALONE = re.compile(r"\d{1,2}:\d\d")
QUOTED_WHOLE = 80  # characters: longer texts are quoted by the date alone
EPOCH = re.compile(r"\d{10}(?:\d{3})?")
AGO = {"сегодня": 0, "вчера": 1, "позавчера": 2}
OFFSETS = {
    "z": 0,
    "utc": 0,
    "gmt": 0,
    "мск": 3,
    "msk": 3,
    "est": -5,
    "edt": -4,
    "cst": -6,
    "cdt": -5,
    "mst": -7,
    "mdt": -6,
    "pst": -8,
    "pdt": -7,
}
IN_URL = (
    re.compile(r"/(?P<year>20\d\d|19\d\d)[/-](?P<month>\d\d)[/-](?P<day>\d\d)(?=\D|$)"),
    re.compile(r"/(?P<year>20\d\d|19\d\d)(?P<month>\d\d)(?P<day>\d\d)(?=[/_.-]|$)"),
    re.compile(r"/(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>20\d\d|19\d\d)(?=/|$)"),
    re.compile(r"/(?P<year>20\d\d|19\d\d)/(?P<month>\d\d)(?=/|$)"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date as the archive writes it, the page's own words, and which parts ("zone", "year") were assumed."""

    value: str
    raw: str
    assumed: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        """The day alone, as written."""
        return self.value[:10]

    @property
    def timed(self) -> bool:
        """Whether the time of day is known."""
        return "T" in self.value


def moment(
    text: str | None, zone: str, *, near: tuple[int, ...] | None = None, at: datetime | None = None
) -> Moment | None:
    """The first possible date in a text; None when there is none.

    `zone` is the IANA zone of dates that state none. A missing year is taken from `near`, the (year, month) or (year,
    month, day) of the URL, else from `at`, the moment of capture; a time alone from a `near` with a day; «сегодня» from
    `at`. Without them such dates are None.

    >>> moment("26 августа 2025, 12:17", "Europe/Moscow")
    Moment(value='2025-08-26T12:17:00+03:00', raw='26 августа 2025, 12:17', assumed=('zone',))
    >>> moment("20171024T1348+0300Z", "Europe/Moscow").value
    '2017-10-24T13:48:00+03:00'
    >>> moment("31 декабря 23:50", "Europe/Moscow", near=(2026, 1))
    Moment(value='2025-12-31T23:50:00+03:00', raw='31 декабря 23:50', assumed=('year', 'zone'))
    >>> moment("31.02.2026", "Europe/Moscow")
    """
    raw = words(text)
    if near and len(near) == len(("year", "month", "day")) and TIME_ALONE.fullmatch(raw):
        dated = moment(f"{near[0]:04}-{near[1]:02}-{near[2]:02} {raw}", zone)
        return Moment(dated.value, raw, dated.assumed) if dated else None
    if EPOCH.fullmatch(raw):
        return Moment(datetime.fromtimestamp(int(raw[:10]), UTC).isoformat(), raw)
    for form in FORMS if DIGIT.search(raw) else FORMS[-1:]:  # «вчера» alone needs none
        for match in form.finditer(raw):
            if found := _moment(match.groupdict(), zone, near, at):
                return Moment(found[0], raw if len(raw) <= QUOTED_WHOLE else words(match[0]), found[1])
    return None


def url_date(url: str) -> tuple[int, ...] | None:
    """The (year, month, day) or (year, month) that a URL's path states.

    >>> url_date("https://a.example/27/03/2019/5c9b"), url_date("https://a.example/2024/09/slovo")
    ((2019, 3, 27), (2024, 9))
    """
    for form in IN_URL:
        if match := form.search(url):
            parts = {name: int(value) for name, value in match.groupdict().items()}
            try:
                date(parts["year"], parts["month"], parts.get("day", 1))
            except ValueError:
                continue
            return tuple(parts[name] for name in ("year", "month", "day") if name in parts)
    return None


def url_month(url: str) -> tuple[int, int] | None:
    """The (year, month) that a URL's path states, with or without a day."""
    found = url_date(url)
    return (found[0], found[1]) if found else None


def url_day(url: str) -> Moment | None:
    """The day that a URL's path states.

    >>> url_day("https://a.example/27/03/2019/5c9b")
    Moment(value='2019-03-27', raw='2019-03-27', assumed=())
    """
    found = url_date(url)
    if found is None or len(found) < len(("year", "month", "day")):
        return None
    day = date(*found).isoformat()
    return Moment(day, day)


def _moment(
    parts: dict[str, str | None], zone: str, near: tuple[int, ...] | None, at: datetime | None
) -> tuple[str, tuple[str, ...]] | None:
    try:
        day, assumed = _day(parts, ZoneInfo(zone), near, at)
        if day is None or parts.get("hour") is None:
            return (day.isoformat(), assumed) if day else None
        stated = _offset(parts.get("zone"))
        clock = datetime(
            day.year,
            day.month,
            day.day,
            _hour(parts),
            int(parts["minute"] or 0),
            int(parts.get("second") or 0),
            tzinfo=stated or ZoneInfo(zone),
        )
    except ValueError:
        return None
    return clock.isoformat(), assumed if stated else (*assumed, "zone")


def _day(
    parts: dict[str, str | None], zone: tzinfo, near: tuple[int, ...] | None, at: datetime | None
) -> tuple[date | None, tuple[str, ...]]:
    today = at.astimezone(zone).date() if at else None
    if ago := parts.get("ago"):
        return (today - timedelta(days=AGO[ago.lower()]), ()) if today else (None, ())
    month = _month(parts["month"] or "")
    day = int(parts["day"] or 0)
    if year := parts.get("year"):
        return date(int(year), month, day), ()
    return next(_years(month, day, near, today), None), ("year",)


def _years(month: int, day: int, near: tuple[int, ...] | None, today: date | None) -> Iterator[date]:
    """The possible days without a year: nearest to the month given, else the last one before tomorrow."""
    if near:
        first = min(
            (near[0] + step for step in (0, -1, 1)),
            key=lambda year: abs((year - near[0]) * 12 + month - near[1]),
        )
        years: Sequence[int] = (first,)
    else:
        years = range(today.year + 1, today.year - 5, -1) if today else ()
    for year in years:
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if near or (today and found <= today + timedelta(days=1)):
            yield found


def _month(name: str) -> int:
    return int(name) if name.isdecimal() else MONTHS[name[:3].lower()]


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or "").lower()
    return hour % 12 + 12 * (half == "p") if half else hour


def _offset(stated: str | None) -> tzinfo | None:
    if not stated:
        return None
    name = stated.lower()
    if name in OFFSETS:
        return timezone(timedelta(hours=OFFSETS[name]))
    digits = name[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if name[0] == "-" else offset)
