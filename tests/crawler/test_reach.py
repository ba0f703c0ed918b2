from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crawler.reach import ALL, Reach

if TYPE_CHECKING:
    from crawler.reach import Place

PAPER = {
    "paper": "",
    "paper.words": '''
"""Words."""
from __future__ import annotations
import re
from typing import TYPE_CHECKING
from paper.dates import DAY, month
if TYPE_CHECKING:
    from paper.types import Kind
SPACE = re.compile(" ")  # a remark
unused: int = len(DAY)


def first(text: Kind) -> str:
    """The first word."""
    size: int = 1
    return SPACE.split(text)[:size]


def second(text):
    return month(text)


class Word:
    kind: Kind
    """What it is."""

    def of(self):
        return second(first("a b"))
''',
    "paper.dates": "from paper.numbers import day as DAY\ndef month(text):\n    return text\ndef year(text):\n    return month(text)\n",
    "paper.numbers": "day = 24\nhour = 60\n",
    "paper.types": "Kind = str\n",
    "paper.acting": "from paper.numbers import hour\nprint('here')\n",
    "paper.values": "from paper import numbers\nfrom paper import dates as when\ndef one():\n    return numbers.hour\ndef any(name):\n    return getattr(when, name)\n",
    "paper.again": "from paper.values import numbers\ndef one():\n    return numbers.day\n",
    "paper.within": "def one():\n    from paper import dates\n    import json\n    return dates.year(json)\n",
    "paper.near": "from . import dates\nfrom .numbers import day\ndef one():\n    return dates.year(day)\n",
    "paper.dotted": "import paper.dates\ndef one():\n    return paper.dates.year(1)\n",
    "paper.listing": "from functools import cache\nLIST = []\ndef listed(f):\n    LIST.append(f)\n"
    "@listed\ndef two():\n    return 2\n@cache\ndef three():\n    return 3\n",
    "paper.loose": "def one(month):\n    return month\ndef month():\n    return 1\n",
}


def reached(*places: Place) -> dict[str, str]:
    packages = {"paper"}
    return Reach(lambda name: (PAPER[name], name in packages) if name in PAPER else None).follow(places)


def test_only_what_a_function_names_is_kept_without_what_has_no_effect() -> None:
    assert reached(("paper.words", "first")) == {
        "paper": "",
        "paper.words": "from __future__ import annotations\nimport re\nSPACE = re.compile(' ')\n"
        "def first(text):\n    size = 1\n    return SPACE.split(text)[:size]\n",
    }


def test_a_class_is_kept_with_all_that_its_methods_name() -> None:
    found = reached(("paper.words", "Word"))
    assert found["paper.dates"] == "def month(text):\n    return text\n"
    assert "def second" in found["paper.words"]
    assert "kind: Kind" in found["paper.words"]
    assert "paper.types" not in found


def test_a_name_is_followed_through_the_modules_that_import_it_from_each_other() -> None:
    found = reached(("paper.words", "unused"))
    assert found["paper.dates"] == "from paper.numbers import day as DAY\n"
    assert found["paper.numbers"] == "day = 24\n"


@pytest.mark.parametrize(
    ("place", "module", "text"),
    [
        (("paper.values", "one"), "paper.numbers", "hour = 60\n"),
        (("paper.again", "one"), "paper.numbers", "day = 24\n"),
        (("paper.values", "any"), "paper.dates", PAPER["paper.dates"]),
        (("paper.within", "one"), "paper.dates", PAPER["paper.dates"]),
        (("paper.dotted", "one"), "paper.dates", PAPER["paper.dates"]),
        (("paper.numbers", ALL), "paper.numbers", PAPER["paper.numbers"]),
    ],
)
def test_of_a_module_an_attribute_is_kept_and_all_of_it_where_none_can_be_told(
    place: Place, module: str, text: str
) -> None:
    assert reached(place)[module] == text


def test_what_acts_on_import_stays_with_every_module_that_is_reached() -> None:
    assert (
        reached(("paper.acting", "hour"))["paper.acting"] == "from paper.numbers import hour\nprint('here')\n"
    )


def test_what_a_decorator_may_enter_into_a_list_stays() -> None:
    found = reached(("paper.listing", "LIST"))["paper.listing"]
    assert "def two" in found
    assert "def listed" in found
    assert "three" not in found


def test_imports_from_beside_are_written_in_full() -> None:
    found = reached(("paper.near", "one"))
    assert found["paper.near"].startswith("from paper import dates\nfrom paper.numbers import day\n")
    assert set(found) == {"paper", "paper.near", "paper.dates", "paper.numbers"}


def test_a_name_that_is_a_functions_own_is_none_of_the_modules() -> None:
    assert reached(("paper.loose", "one"))["paper.loose"] == "def one(month):\n    return month\n"


def test_what_lies_outside_is_named() -> None:
    reach = Reach(lambda name: (PAPER[name], name == "paper") if name in PAPER else None)
    reach.follow([("paper.within", "one")])
    assert (reach.foreign, reach.packages) == ({"json"}, {"paper"})
