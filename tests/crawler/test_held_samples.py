"""What other crawlers captured answers as it was captured: LETOPIS_SAMPLES names a folder of pywb's and browsertrix' samples."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from scrapy import Request
from scrapy.settings import Settings
from warcio.archiveiterator import ArchiveIterator

from crawler.held import NotHeldError, held
from crawler.replay import response_from
from tests.archive.test_samples import BROKEN, SAMPLES, found, warcs

if TYPE_CHECKING:
    from pathlib import Path

    from archive.record import Record
    from crawler.held import Held

pytestmark = pytest.mark.skipif(
    not SAMPLES, reason="LETOPIS_SAMPLES names no folder of WARC and WACZ files of other crawlers"
)


def captured(path: Path) -> dict[str, list[tuple[int, bytes]]]:
    """Status and body, as it was sent, of every response to each URL, as warcio tells them."""
    told: dict[str, list[tuple[int, bytes]]] = {}
    for name, data in warcs(path):
        for record in ArchiveIterator(BytesIO(data)) if name not in BROKEN else ():
            url = record.rec_headers.get_header("WARC-Target-URI")
            if record.rec_type == "response" and url.startswith("http"):
                said = int(record.http_headers.get_statuscode()), record.raw_stream.read()
                told.setdefault(url, []).append(said)
    return told


def answer(one: Held, url: str) -> Record:
    for method in ("GET", "POST", "HEAD"):
        try:
            return one.find(url, method=method).response
        except NotHeldError as error:
            missed = error
    raise missed


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("path", found(), ids=lambda path: path.name)
def test_every_page_of_a_sample_answers_as_it_was_captured(path: Path) -> None:
    one = held(Settings({"REPLAY": str(path)}))
    for url, said in captured(path).items():
        response = answer(one, url)
        assert (response.message.status, response.message.body) in said
        assert response_from(response, Request(url)).status == response.message.status
    with pytest.raises(NotHeldError):
        one.find("http://nowhere.example/")
    whole = not any(name in BROKEN for name, _ in warcs(path))
    assert (one.troubles == []) == (whole and path.name != "invalid_example_1.wacz")
