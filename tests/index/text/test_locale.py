"""The word lists of the languages: each one is valid, used and explained, and exists only once."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from index.errors import RagError
from index.reading.extraction.pdf.layout.running import _WORDED
from index.reading.extraction.running import is_page_number
from index.text import locale
from index.text.language import detect, is_foreign, is_plainly

ROOT = Path(__file__).parents[3]
FILES = sorted(locale.FOLDER.glob("*/*.toml"))
LISTS = [(file, key, value) for file in FILES for key, value in tomllib.loads(file.read_text("utf-8")).items()]
NAMES = {f"{file.stem}.{key}" for file, key, _ in LISTS}
PATTERNS = {f"{file.stem}.{key}" for file, key, value in LISTS if isinstance(value, list)}
SOURCE = "\n".join(
    file.read_text("utf-8") for package in ("index", "rag") for file in sorted((ROOT / package).rglob("*.py"))
)
# Files whose words are compared with casefolded words.
CASEFOLDED = {"grammar", "questions", "references", "sentences"}

# Files with whole texts instead of word lists.
TEXTS = {"prompts", "receipt", "talk"}


def named(file: Path, key: str) -> str:
    return f"{file.parent.name}/{file.stem}.{key}"


def test_the_default_language_comes_first() -> None:
    assert locale.languages() == ("de", "en")


def test_words_are_those_of_all_languages_or_of_one() -> None:
    both = locale.words("grammar.articles_definite")
    assert {"der", "the"} <= both
    assert locale.words("grammar.articles_definite", language="en") == {"the"}
    assert locale.words("grammar.articles_definite", "grammar.articles_indefinite", language="en") == {"the", "a", "an"}


def test_a_language_without_a_list_has_no_words_for_it() -> None:
    assert locale.words("suggestions.doing", language="en") == frozenset()
    assert re.search(locale.alternatives("suggestions.doing", language="en"), "plant") is None


@pytest.mark.parametrize("section", ["grammar.artikel", "gramar.who", "grammar"])
def test_a_list_that_no_language_has_is_an_error(section: str) -> None:
    with pytest.raises(KeyError, match=section):
        locale.words(section)


def test_words_are_taken_literally_and_entries_of_an_array_as_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, text in (("de", "a = 'z.b u.a'\nb = ['x+', 'y z']\n"), ("en", "c = 'e.g'\n")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "language.toml").write_text("", "utf-8")
        (tmp_path / language / "made.toml").write_text(text, "utf-8")
    monkeypatch.setattr(locale, "FOLDER", tmp_path)
    locale._file.cache_clear()
    try:
        pattern = re.compile(locale.alternatives("made.a", "made.b", "made.c"))
        assert all(pattern.fullmatch(text) for text in ("z.b", "u.a", "xxx", "y z", "e.g"))
        assert not any(pattern.fullmatch(text) for text in ("zxb", "y", "exg", ""))
        assert locale.texts("made.b") == ("x+", "y z")
        assert locale.each("made.a") == {"de": "z.b u.a", "en": "z.b u.a"}
    finally:
        locale._file.cache_clear()


@pytest.mark.parametrize("text", [b"a = [", b'a = "\xff"'])
def test_a_file_that_cannot_be_read_is_named(text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "made.toml").write_bytes(text)
    monkeypatch.setattr(locale, "FOLDER", tmp_path)
    locale._file.cache_clear()
    try:
        with pytest.raises(RagError, match=r"made\.toml cannot be read: ") as raised:
            locale.words("made.a")
        assert "\n" not in str(raised.value)
    finally:
        locale._file.cache_clear()


@pytest.mark.parametrize(("file", "key", "value"), LISTS, ids=[named(file, key) for file, key, _ in LISTS])
def test_every_list_is_sound(file: Path, key: str, value: str | list[str]) -> None:
    entries = value if isinstance(value, list) else [value] if file.stem in TEXTS else value.split()
    assert entries
    assert len(set(entries)) == len(entries), "an entry stands twice"
    if isinstance(value, list):
        assert all(re.compile(re.sub(r"<\w+>", "", entry)) for entry in entries)
    if file.stem in CASEFOLDED:
        assert all(re.sub(r"\\.|\(\?.", "", entry) == re.sub(r"\\.|\(\?.", "", entry).lower() for entry in entries)


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_every_list_says_what_it_is_for(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    keys = set(tomllib.loads("\n".join(lines)))
    found = {line.split(" = ")[0]: before for before, line in pairwise(lines) if " = " in line}
    assert {key for key in keys if not found[key].startswith("# ")} == set()


@pytest.mark.parametrize("name", sorted(NAMES - PATTERNS))
def test_a_pattern_of_plain_words_matches_these_and_no_others(name: str) -> None:
    words, pattern = locale.words(name), re.compile(locale.alternatives(name))
    assert all(pattern.fullmatch(word) for word in words)
    assert not [word for word in words if pattern.fullmatch(f"{word}ß") and f"{word}ß" not in words]


def test_every_list_is_used() -> None:
    macros = {f"pages.{name}" for name in re.findall(r"<(\w+)>", "\n".join(map(str, (value for *_, value in LISTS))))}
    read = {name for name in NAMES if f'"{name}"' in SOURCE or f"'{name}'" in SOURCE}
    # `index.segmenting.boilerplate` names its lists without the name of their file.
    read |= {name for name in NAMES if name.startswith("pages.") and f'"{name.removeprefix("pages.")}"' in SOURCE}
    # `rag.receipts.page` does the same with its texts.
    read |= {
        name
        for name in NAMES
        if name.startswith("receipt.") and re.search(rf"""["']{name.removeprefix("receipt.")}["']""", SOURCE)
    }
    assert NAMES - read - macros == set()


def test_no_list_of_a_language_stands_twice() -> None:
    long = [(file, key, frozenset(value.split())) for file, key, value in LISTS if isinstance(value, str)]
    same = [
        (named(one, key), named(other, also))
        for (one, key, words), (other, also, others) in combinations(long, 2)
        if one.parent == other.parent and words == others and len(words) > 3
    ]
    assert same == []


def test_every_file_comes_with_the_package() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"][
        "index"
    ]
    packed = [file.relative_to(ROOT / "index").as_posix() for file in FILES]
    assert all(any(fnmatch.fnmatch(file, pattern) for pattern in patterns) for file in packed)


def test_letters_of_one_language_only_count_as_one_word() -> None:
    assert detect("Käse is lecker") == "de"
    assert detect("The Käse is lecker") == "en"
    assert detect("Wächst The Body Shop?") == "de"
    assert detect("Warum wuchs The Body Shop?") == "de"
    assert detect("Who is Brückmann's successor?") == "en"
    assert detect("What is the Käse of the Bäcker?") == "en"
    assert detect("What is the cheese of the baker?") == "en"
    assert detect("Nvidia H20") == "de"


@pytest.mark.parametrize(
    "text", ["Nvidia H20", "OpenAI: GPT-5", "The Ascend 910C", "", "Der Konzern Meta Platforms Inc."]
)
def test_names_and_figures_show_no_language(text: str) -> None:
    assert not any(is_plainly(language, text) for language in locale.languages())


def test_a_few_words_show_it_and_words_of_both_do_not() -> None:
    german, english = (
        "Die Bäckerei wird von der Stadt nicht mehr gefördert.",
        "The bakery is no longer paid for by the town.",
    )
    assert is_plainly("de", german)
    assert not is_plainly("en", german)
    assert is_plainly("en", english)
    assert not is_plainly("de", english)
    assert not any(is_plainly(language, f"{german} {english}") for language in locale.languages())


def test_no_pronoun_of_one_language_is_a_function_word_of_the_other() -> None:
    sections = ("grammar.pronouns_personal", "grammar.pronouns_neuter")
    for language in locale.languages():
        assert not [word for word in locale.words(*sections) if is_foreign(word, language, *sections)]


@pytest.mark.parametrize("line", ["Seite 3 von 9", "Page 3 of 9", "Blatt 3", "S. 3/9", "p. 3"])
def test_the_number_of_a_page_is_known_by_the_same_words_in_every_format(line: str) -> None:
    assert is_page_number(line)
    assert _WORDED.fullmatch(line)
