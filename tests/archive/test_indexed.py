from pathlib import Path

import pytest

from tests.archive import members_of
from tests.archive.checked import index, reasons


def test_a_file_that_lost_its_last_record_whole_is_found_by_the_index_or_the_pair(warc: Path) -> None:
    members = members_of(warc)
    assert reasons(members[:6], index(warc)) == ["the index names a record that does not lie here"]
    assert reasons(members[:5]) == ["the file ends before the request of this response"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'"offset":"', b'"offset":"1', None),
        (b'"length":"', b'"length":"1', "the index line disagrees: length"),
        (b'"recordDigest":"sha256:', b'"recordDigest":"sha256:0', "the index line disagrees: recordDigest"),
        (b'"status":"200"', b'"status":"404"', "the index line disagrees: status"),
        (b'"mime":"text/html"', b'"mime":"text/plain"', "the index line disagrees: mime"),
        (b'"url":"https', b'"url":"http', "the index line disagrees: url"),
        (b"example,chronik)", b"example,kronik)", "the index line disagrees: key or time"),
        (b'"mime":"text/html",', b"", "the index line disagrees: mime"),
    ],
)
def test_index_lines_that_disagree_are_found(warc: Path, old: bytes, new: bytes, reason: str | None) -> None:
    members, lines = members_of(warc), index(warc)
    lines[1] = lines[1].replace(old, new, 1)
    both = ["the index does not name this record", "the index names a record that does not lie here"]
    assert reasons(members, lines) == ([reason] if reason else both)


def test_an_index_that_lacks_repeats_or_garbles_a_line_is_found(warc: Path) -> None:
    members, lines = members_of(warc), index(warc)
    assert reasons(members, lines[1:]) == ["the index does not name this record"]
    assert reasons(members, [*lines, lines[0]]) == ["the index names this record twice"]
    assert [reason[:12] for reason in reasons(members, [*lines, b"garbage\n", b"a b {\n"])] == [
        "unexpected e",
        "no CDXJ line",
    ]


def test_lines_of_other_files_are_passed_over(warc: Path) -> None:
    other = index(warc)[0].replace(b"-00000.warc", b"-00001.warc")
    assert reasons(members_of(warc), [*index(warc), other]) == []
