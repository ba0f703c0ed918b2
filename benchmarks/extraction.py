"""Our generic reader beside trafilatura, on folders of pages whose truth is known.

    python benchmarks/extraction.py FOLDER...

A folder is a checkout of scrapinghub/article-extraction-benchmark (ground-truth.json, html/, evaluate.py) or one
with a truth.jsonl: {file, url, headlines, date, authors, bodies} a line, any one of the lists' values being right.
Bodies are scored by word 4-shingles as that benchmark's evaluate.py does; with --write the predictions are put into
its output/ folder, for evaluate.py itself to be run on. Nothing here is part of the archive's reading.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import trafilatura

from crawler.generic import GenericPage
from crawler.text import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SHINGLE = 4
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Case:
    """One page and what is right about it; what is None is not judged."""

    key: str
    url: str
    page: bytes
    bodies: list[str]
    headlines: list[str] | None = None
    date: str | None = None


@dataclass
class Answer:
    body: str = ""
    headline: str = ""
    date: str = ""


@dataclass
class Score:
    """The sums of one reader over one folder."""

    shingles: list[tuple[int, int, int]] = field(default_factory=list)
    headlines: list[bool] = field(default_factory=list)
    days: list[bool] = field(default_factory=list)
    minutes: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, case: Case, answer: Answer, seconds: float) -> None:
        self.seconds.append(seconds)
        self.shingles.append(max((overlap(body, answer.body) for body in case.bodies), key=f1))
        if case.headlines is not None:
            self.headlines.append(answer.headline in map(words, case.headlines))
        if case.date:
            self.days.append(answer.date[:10] == case.date[:10])
        if case.date and "T" in case.date:
            self.minutes.append(answer.date[:16] == case.date[:16])

    def row(self) -> list[str]:
        precision = statistics.mean(tp / (tp + fp) for tp, fp, _ in self.shingles if tp + fp)
        recall = statistics.mean(tp / (tp + fn) for tp, _, fn in self.shingles if tp + fn)
        body = [2 * precision * recall / (precision + recall), precision, recall]
        shares = (self.headlines, self.days, self.minutes)
        return [
            *(f"{value:.4f}" for value in body),
            *(f"{statistics.mean(share):.3f}" if share else "-" for share in shares),
            f"{1000 * statistics.mean(self.seconds):.1f} / {1000 * statistics.median(self.seconds):.1f}",
        ]


def ours(case: Case) -> Answer:
    article = GenericPage(case.url, case.page).article()
    if article is None:
        return Answer()
    return Answer(article.articleBody or "", article.headline or "", article.datePublished or "")


def theirs(case: Case, *, precise: bool) -> Answer:
    found = trafilatura.bare_extraction(
        case.page, url=case.url, include_comments=False, favor_precision=precise, with_metadata=True
    )
    return Answer(found.text or "", words(found.title), found.date or "") if found else Answer()


READERS: dict[str, Callable[[Case], Answer]] = {
    "letopis": ours,
    "trafilatura": lambda case: theirs(case, precise=False),
    "trafilatura_precision": lambda case: theirs(case, precise=True),
}


def overlap(true: str, answer: str) -> tuple[int, int, int]:
    """Shingles right, too many and missing."""
    wanted, got = shingles(true), shingles(answer)
    right = (wanted & got).total()
    return right, got.total() - right, wanted.total() - right


def shingles(text: str) -> Counter[tuple[str, ...]]:
    tokens = WORD.findall(text)
    runs = (tuple(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))
    return Counter(run for run in runs if run)


def f1(counts: tuple[int, int, int]) -> float:
    right, extra, missing = counts
    return 2 * right / ((2 * right + extra + missing) or 1)


def cases(folder: Path) -> Iterator[Case]:
    if (folder / "ground-truth.json").exists():
        for key, truth in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
            page = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes())
            yield Case(key, truth["url"], page, [truth["articleBody"]])
        return
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        page = (folder / truth["file"]).read_bytes()
        page = gzip.decompress(page) if truth["file"].endswith(".gz") else page
        yield Case(truth["file"], truth["url"], page, truth["bodies"], truth["headlines"], truth["date"])


def measure(folder: Path) -> tuple[dict[str, Score], dict[str, dict[str, Answer]]]:
    known = list(cases(folder))
    scores = {name: Score() for name in READERS}
    answers: dict[str, dict[str, Answer]] = {name: {} for name in READERS}
    for name, read in READERS.items():
        read(known[0])  # what is compiled and loaded once is no page's time
        for case in known:
            began = time.perf_counter()
            answer = answers[name][case.key] = read(case)
            scores[name].add(case, answer, time.perf_counter() - began)
    return scores, answers


def write(folder: Path, answers: dict[str, dict[str, Answer]]) -> None:
    for name, given in answers.items():
        known = "" if name == "letopis" else version("trafilatura")
        output = {key: {"articleBody": answer.body} for key, answer in given.items()}
        path = folder / "output" / f"letopis_run_{name}.json"
        path.write_text(json.dumps({"version": known, "output": output}, ensure_ascii=False), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare our generic reader with trafilatura.")
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument(
        "--write", action="store_true", help="put predictions where evaluate.py looks for them"
    )
    arguments = parser.parse_args()
    told = ("truth.jsonl", "ground-truth.json")
    if untold := [one for one in arguments.folders if not any((one / name).is_file() for name in told)]:
        parser.error(f"{untold[0]} is no folder with a {' or a '.join(told)}")
    if not arguments.folders:
        print("skipped: name a folder of pages whose truth is known")
    for folder in arguments.folders:
        scores, answers = measure(folder)
        print(f"\n{folder.name}: {len(answers['letopis'])} pages")
        print(
            "| reader | body F1 | P | R | headline | day | minute | ms mean / median |\n|---|---|---|---|---|---|---|---|"
        )
        for name, score in scores.items():
            print(f"| {name} | {' | '.join(score.row())} |")
        if arguments.write:
            write(folder, answers)


if __name__ == "__main__":
    main()
