from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.values import moment, url_date, url_day, url_month

ZONE = "Europe/Moscow"
AT = datetime(2026, 1, 2, 22, 30, tzinfo=UTC)  # 3 January 01:30 in Moscow


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-05-31T00:44:00+03:00 ", "2026-05-31T00:44:00+03:00"),
        ("2025-08-25T18:47:41Z", "2025-08-25T18:47:41+00:00"),
        ("2025-08-25T18:47:41.123456+02:00", "2025-08-25T18:47:41+02:00"),
        ("2025-08-25 18:47 +0300", "2025-08-25T18:47:00+03:00"),
        ("2025-08-25T18:47+03", "2025-08-25T18:47:00+03:00"),
        ("2025-08-25T18:47-0530", "2025-08-25T18:47:00-05:30"),
        ("20171024T1348+0300Z", "2017-10-24T13:48:00+03:00"),
        ("Tue, 26 Aug 2025 12:17:00 +0300", "2025-08-26T12:17:00+03:00"),
        ("Tue, 26 Aug 2025 09:17:00 GMT", "2025-08-26T09:17:00+00:00"),
        ("26.08.2025 12:17 (мск)", "2025-08-26T12:17:00+03:00"),
        ("26 августа 2025, 12:17 МСК", "2025-08-26T12:17:00+03:00"),
        ("1756199820", "2025-08-26T09:17:00+00:00"),
    ],
)
def test_a_date_with_its_zone_assumes_nothing(text: str, value: str) -> None:
    found = moment(text, ZONE)
    assert found is not None
    assert (found.value, found.assumed) == (value, ())
    assert found.raw == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("20260531T0044", "2026-05-31T00:44:00+03:00"),
        ("2026-05-31T00:44:05", "2026-05-31T00:44:05+03:00"),
        ("2026-05-31 00:44", "2026-05-31T00:44:00+03:00"),
        ("26 августа 2025, 12:17", "2025-08-26T12:17:00+03:00"),
        ("27 мар 2019, 15:15", "2019-03-27T15:15:00+03:00"),
        ("27 мар. 2019 г., 15:15", "2019-03-27T15:15:00+03:00"),
        ("1 сент. 2025 года в 9:05", "2025-09-01T09:05:00+03:00"),
        ("18:18 02.09.2025", "2025-09-02T18:18:00+03:00"),
        ("(обновлено: 18:18 02.09.2025)", "2025-09-02T18:18:00+03:00"),
        ("02.09.2025, 18:18", "2025-09-02T18:18:00+03:00"),
        ("02.09.2025 | 18:18", "2025-09-02T18:18:00+03:00"),
        ("вторник, 2 сентября 2025 — 18:18", "2025-09-02T18:18:00+03:00"),
        ("18:18, 2 сентября 2025", "2025-09-02T18:18:00+03:00"),
        ("2 Сентября 2025 18:18:30", "2025-09-02T18:18:30+03:00"),
        ("March 19, 2023 7:23 PM", "2023-03-19T19:23:00+03:00"),
        ("27 июля 2009 00:05", "2009-07-27T00:05:00+04:00"),
    ],
)
def test_without_a_zone_the_sites_zone_of_that_day_is_assumed(text: str, value: str) -> None:
    found = moment(text, ZONE)
    assert found is not None
    assert (found.value, found.assumed) == (value, ("zone",))


def test_kaliningrad_is_an_hour_behind() -> None:
    found = moment("27 мар 2019, 15:15", "Europe/Kaliningrad")
    assert found is not None
    assert found.value == "2019-03-27T15:15:00+02:00"


@pytest.mark.parametrize(
    "text",
    [
        "26 мая 2025",
        "26 Май 2025 г.",
        "26.05.2025",
        "2025-05-26",
        "26/05/2025",
        "May 26, 2025",
        "26-May-2025",
    ],
)
def test_a_day_without_time_stays_a_day(text: str) -> None:
    found = moment(text, ZONE)
    assert found is not None
    assert (found.value, found.assumed, found.timed) == ("2025-05-26", (), False)


@pytest.mark.parametrize(
    ("text", "near", "value"),
    [
        ("04 сентября 12:15", (2024, 9), "2024-09-04T12:15:00+03:00"),
        ("31 декабря 23:50", (2026, 1), "2025-12-31T23:50:00+03:00"),
        ("1 января 00:10", (2025, 12), "2026-01-01T00:10:00+03:00"),
        ("30 июня 08:00", (2026, 7), "2026-06-30T08:00:00+03:00"),
    ],
)
def test_a_missing_year_comes_from_the_url_across_new_year(
    text: str, near: tuple[int, int], value: str
) -> None:
    found = moment(text, ZONE, near=near, at=AT)
    assert found is not None
    assert (found.value, found.assumed) == (value, ("year", "zone"))


def test_a_missing_year_comes_from_the_capture_when_the_url_says_nothing() -> None:
    found, today = moment("31 декабря, 23:50", ZONE, at=AT), moment("3 января", ZONE, at=AT)
    assert found is not None
    assert today is not None
    assert (found.value, found.assumed) == ("2025-12-31T23:50:00+03:00", ("year", "zone"))
    assert (today.value, today.assumed) == ("2026-01-03", ("year",))
    assert moment("31 декабря, 23:50", ZONE) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Сегодня, 14:30", "2026-01-03T14:30:00+03:00"),
        ("вчера в 09:05", "2026-01-02T09:05:00+03:00"),
        ("Позавчера", "2026-01-01"),
    ],
)
def test_today_is_the_day_of_the_capture_in_the_sites_zone(text: str, value: str) -> None:
    found = moment(text, ZONE, at=AT.astimezone(timezone(timedelta(hours=-8))))
    assert found is not None
    assert found.value == value
    assert moment(text, ZONE) is None


def test_a_time_alone_belongs_to_the_day_of_the_url() -> None:
    found = moment("12:46", ZONE, near=(2017, 10, 24))
    assert found is not None
    assert (found.value, found.raw) == ("2017-10-24T12:46:00+03:00", "12:46")
    assert moment("12:46", ZONE, near=(2017, 10)) is None


@pytest.mark.parametrize(
    "text",
    ["31.02.2026", "2026-13-01", "2026-02-30T10:00:00Z", "45 мая 2026", "26.08.2025 25:61", "", None, "12:46", "Август 2025",
     "тел. 8 (4812) 20-25-09", "2025", "В 10 марсианских хроник", "5c9b76669a79473822524c7c"],
)  # fmt: skip
def test_what_is_no_possible_date_is_none(text: str | None) -> None:
    assert moment(text, ZONE, near=(2026, 1), at=AT) is None


def test_only_the_date_is_quoted_out_of_a_long_text() -> None:
    found = moment("Смоленск. " * 20 + "26 августа 2025, 12:17. " + "Прочее " * 20, ZONE)
    assert found is not None
    assert found.raw == "26 августа 2025, 12:17"


@pytest.mark.parametrize(
    ("url", "day", "month"),
    [
        ("https://a.example/20260531/slovo-2095779946.html", "2026-05-31", (2026, 5)),
        ("https://a.example/kaliningrad/27/03/2019/5c9b76669a79473822524c7c", "2019-03-27", (2019, 3)),
        ("https://a.example/2024/09/slovo", None, (2024, 9)),
        ("https://a.example/2024/09/04/slovo", "2024-09-04", (2024, 9)),
        ("https://a.example/20261399/slovo.html", None, None),
        ("https://a.example/politics/slovo/", None, None),
    ],
)
def test_a_url_tells_its_day_or_month(url: str, day: str | None, month: tuple[int, int] | None) -> None:
    found = url_day(url)
    assert (found.value if found else None) == day
    assert url_month(url) == month
    assert (url_date(url) or ())[:2] == (month or ())
