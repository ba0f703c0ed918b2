"""Invented Russian news text from a seeded generator: no two sentences of one writer are alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

ENDINGS = {"m": "", "f": "а", "n": "о", "p": "и"}
LATIN = dict(zip("абвгдезийклмнопрстуфхцыэё", "abvgdezijklmnoprstufhcyee", strict=True)) | {
    "ж": "zh", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya", " ": "-", "-": "-"
}  # fmt: skip


def slug(text: str, most: int = 60) -> str:
    """The text in Latin letters, digits and single hyphens: `Новый мост` -> `novyj-most`."""
    raw = "".join(LATIN.get(char, char if char.isascii() and char.isalnum() else "") for char in text.lower())
    return "-".join(part for part in raw.split("-") if part)[:most].strip("-")


def counted(number: int, forms: tuple[str, str, str]) -> str:
    """`21 рейс`, `3 рейса`, `12 рейсов`."""
    if number % 10 == 1 and number % 100 != 11:
        form = forms[0]
    elif number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14):
        form = forms[1]
    else:
        form = forms[2]
    return f"{number} {form}"


class Writer:
    """One author's hand: `quotes` and `dash` are the typography of the house; everything is drawn from `rng`."""

    def __init__(self, rng: random.Random, quotes: str = "«»", dash: str = "—") -> None:
        self.rng, self.quotes, self.dash = rng, quotes, dash
        self._used: set[str] = set()

    def sentence(self) -> str:
        forms = (self._deed, self._claim, self._number, self._remark, self._money, self._street, self._deed)
        return self._new(self.rng.choice(forms))

    def paragraph(self, least: int = 2, most: int = 4) -> str:
        return " ".join(self.sentence() for _ in range(self.rng.randint(least, most)))

    def headline(self) -> str:
        """Without a full stop; some carry a name in quotes."""
        return self._new(self._headline)

    def speech(self) -> str:
        """A paragraph of direct speech with its speaker, in the quotes and dashes of the house."""
        left, right = self.quotes[0], self.quotes[-1]
        said = f"{_capital(self._claimed())}. {self._new(self._aside)}. {_capital(self._claimed())}"
        post, name, verb = self._speaker()
        return f"{left}{said}{right}, {self.dash} {verb} {post} {name}."

    def said(self) -> str:
        """The words of a quotation, without their speaker."""
        return f"{self._new(self._claim_only)} {self._new(self._claim_only)}"

    def person(self) -> str:
        if self.rng.random() < 0.5:
            return f"{self.rng.choice(words.MEN)} {self.rng.choice(words.SURNAMES)}ий"
        return f"{self.rng.choice(words.WOMEN)} {self.rng.choice(words.SURNAMES)}ая"

    def section(self) -> str:
        return self.rng.choice(words.SECTIONS)

    def tags(self, number: int) -> tuple[str, ...]:
        pool = [*words.TAGS, *(place for _, place in words.PLACES)]
        return tuple(self.rng.sample(pool, number))

    def caption(self) -> str:
        where, _ = self.rng.choice(words.PLACES)
        return self._new(
            lambda: f"{self.rng.choice(words.PICTURED)} {where}, {self.rng.randint(1, 9999)}-й кадр"
        )

    def credit(self) -> str:
        return self.rng.choice((*words.AGENCIES, self.person()))

    def item(self) -> str:
        """A short line of a list."""
        return self._new(lambda: f"{self._count()} {self.rng.choice(words.PLACES)[0]}")

    def rows(self, number: int) -> tuple[tuple[str, ...], ...]:
        """A table of three columns with a head row."""
        body = tuple(
            (*self._row(), f"{self.rng.randint(1, 99)},{self.rng.randint(0, 9)}%") for _ in range(number)
        )
        return (("Место", "Показатель", "Доля"), *body)

    def _row(self) -> tuple[str, str]:
        return self.rng.choice(words.PLACES)[1], self._count()

    def _new(self, make: Callable[[], str]) -> str:
        for _ in range(400):
            text = make()
            if text not in self._used:
                self._used.add(text)
                return text
        raise RuntimeError("the writer has run out of sentences: add words")

    def _speaker(self) -> tuple[str, str, str]:
        post, _ = self.rng.choice(words.POSTS)
        name = self.person()
        verb = self.rng.choice(words.SAYS) + ("а" if name.endswith("ая") else "")
        return post, name, verb

    def _act(self, when: str) -> str:
        actor, gender = self.rng.choice(words.ACTORS)
        deed = self.rng.choice(words.DEEDS) + ENDINGS[gender]
        thing, matter = self.rng.choice(words.THINGS), self.rng.choice(words.MATTERS)
        return " ".join(part for part in (actor, when, deed, thing, matter) if part)

    def _deed(self) -> str:
        where, _ = self.rng.choice(words.PLACES)
        return f"{_capital(self._act(self.rng.choice(words.WHEN)))} {where}."

    def _headline(self) -> str:
        where, _ = self.rng.choice(words.PLACES)
        if self.rng.random() < 0.25:
            left, right = self.quotes[0], self.quotes[-1]
            name = self.rng.choice(("Маяк", "Заря", "Льнянка", "Росток", "Причал", "Тополёк"))
            return f"{_capital(where)} {self._act('')} {left}{name}{right}"
        return (
            f"{_capital(where)} {self._act('')}"
            if self.rng.random() < 0.5
            else f"{_capital(self._act(''))} {where}"
        )

    def _claimed(self) -> str:
        claim = self.rng.choice(words.CLAIMS)
        weeks = counted(self.rng.randint(2, 24), ("неделю", "недели", "недель"))
        return claim.format(
            season=self.rng.choice(words.SEASONS), day=f"{self.rng.randint(2, 28)}-го", weeks=weeks
        )

    def _claim_only(self) -> str:
        return f"{_capital(self._claimed())}, а {self._claimed()}."

    def _claim(self) -> str:
        post, name, verb = self._speaker()
        return f"Как {verb} {post} {name}, {self._claimed()}."

    def _aside(self) -> str:
        return f"{self.rng.choice(words.ASIDES)}, хотя {self._claimed()}"

    def _count(self) -> str:
        return counted(self.rng.randint(2, 940), self.rng.choice(words.COUNTED))

    def _number(self) -> str:
        where, _ = self.rng.choice(words.PLACES)
        share = f"{self.rng.randint(2, 80)},{self.rng.randint(1, 9)}%"
        return f"Речь идёт о позициях {self.rng.choice(words.PLACES)[0]}: {self._count()} {where}, это {share} от плана."

    def _remark(self) -> str:
        return f"{self.rng.choice(words.OPENINGS)} {self._claimed()}, а {self._act('')}."

    def _money(self) -> str:
        sum_ = f"{self.rng.randint(2, 980)},{self.rng.randint(1, 9)} {self.rng.choice(('млн', 'млрд', 'тыс.'))} рублей"
        matter = self.rng.choice(words.MATTERS)
        return (
            f"На нужды {matter} {self.rng.choice(words.WHEN)} направили {sum_} {self.dash} {self._claimed()}."
        )

    def _street(self) -> str:
        street = self.rng.choice(words.STREETS)
        return f"На {street} улице, {self.rng.randint(1, 180)}, {self._act(self.rng.choice(words.WHEN))}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
