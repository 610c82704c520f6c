from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.markup.structure import of_text
from index.segmenting.cleaning import citable

ARTICLES = Path(__file__).parents[3].parent / "shared" / "articles"
GNAD = Path(__file__).parents[3].parent / "shared" / "eval" / "10kgnad_test" / "articles.jsonl"

ONE = (
    "Die Bundesregierung hat am Dienstag einen Entwurf vorgelegt, der die Förderung von Halbleiterwerken neu "
    "regelt und das Verfahren vereinfacht."
)
TWO = (
    "Nach Angaben des Ministeriums sollen bis 2030 rund 20 Milliarden Euro in neue Fabriken fließen, vor "
    "allem nach Sachsen."
)
THREE = "Fachleute begrüßten den Schritt, warnten aber vor langen Genehmigungsverfahren in den einzelnen Ländern."


def kept(text: str, *, markdown: bool = False) -> list[str]:
    return [text[block.start : block.end] for block in citable(text, of_text(text, markdown=markdown))]


def page(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


@pytest.mark.parametrize(
    "line",
    [
        "(ID:12345678)",
        "Anbieter zum Thema",
        "Quelle & Bilder",
        "Von Anna Muster 3 min Lesedauer",
        "Anna Muster | Lesezeit: ca. 4 Minuten",
        "Weitere Informationen finden Sie in unserem Dossier und in der Bildstrecke.",
        "© 2025 Verlag GmbH",
        "Alle Rechte vorbehalten.",
        "Copyright 2024 Media Inc. All rights reserved.",
        "Teilen Twittern Drucken",
        "Facebook | X | WhatsApp",
        "Impressum | Datenschutz | AGB",
        "Lesen Sie auch: Wie es in Dresden weitergeht",
        "Zur Startseite",
        "Anzeige",
        "Wir verwenden Cookies, um Ihnen das beste Erlebnis zu bieten. Mehr in der Datenschutzerklärung.",
        "Cookies akzeptieren",
        "We use cookies to improve your experience.",
        "Deine E-Mail-Adresse wird nicht veröffentlicht.",
        "Abonnieren Sie unseren kostenlosen Newsletter.",
        "Folgen Sie uns auf LinkedIn!",
        "Unterstütze uns auf Patreon!",
        "Senior Entwickler KI (m/w/d) – Python, Azure",
        "Account Manager (w/m/x)",
        "Aufklappen für Details zu Ihrer Einwilligung",
        "Dieser Artikel enthält Affiliate-Links.",
    ],
)
def test_lines_that_are_nothing_but_boilerplate_are_dropped(line: str) -> None:
    assert kept(page("Titel", ONE, line, TWO)) == ["Titel", ONE, TWO]


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(
            ("Jetzt Newsletter abonnieren", "Das Wichtigste am Morgen", "Jederzeit kündbar."), id="newsletter"
        ),
        pytest.param(("Stellenangebote", "Entwickler KI", "Berater in München"), id="jobs"),
        pytest.param(("Schreibe einen Kommentar", "Name", "E-Mail", "Webseite"), id="form"),
        pytest.param(("3 Kommentare", "Max Muster", f"Ich sehe das anders. {ONE}", "Eva", "Genau!"), id="comments"),
        pytest.param(("Das könnte Sie auch interessieren", "Chips aus Dresden", "Neue Werke"), id="related"),
        pytest.param(("Leave a Reply", "Your email address will not be published."), id="english"),
        pytest.param(
            ("- Jetzt kostenlos testen!\n- Newsletter abonnieren\n- Zur Startseite von Blatt",),
            id="promotion",
        ),
        pytest.param(("Teilen\nFacebook\nE-Mail",), id="share"),
    ],
)
def test_tails_are_dropped(tail: tuple[str, ...]) -> None:
    assert kept(page("Titel", ONE, TWO, *tail)) == ["Titel", ONE, TWO]


def test_the_article_goes_on_after_a_box() -> None:
    box = ("Newsletter abonnieren", "Das Beste der Woche", "Mit Klick auf den Knopf stimmen Sie allem zu.")
    assert kept(page("Titel", ONE, *box, "Wie es weitergeht", TWO)) == [
        "Titel",
        ONE,
        "Wie es weitergeht",
        TWO,
    ]
    assert kept(page("Titel", ONE, "Lesen Sie auch", "- Ein Titel\n- Noch einer", TWO)) == ["Titel", ONE, TWO]


def test_notices_glued_to_a_paragraph_are_cut_off() -> None:
    text = f"{ONE} {TWO} (ID:123456) Weitere Informationen finden Sie in unserer Datenschutzerklärung."
    assert kept(text) == [f"{ONE} {TWO}"]


@pytest.mark.parametrize(
    "paragraphs",
    [
        pytest.param(
            ("Newsletter abonnieren immer mehr Menschen", ONE, f"Der Newsletter lohnt sich. {TWO}"),
            id="newsletter",
        ),
        pytest.param(("Titel", ONE, "Stellenangebote gehen zurück", f"Im Juni fehlten Jobs. {TWO}"), id="jobs"),
        pytest.param(
            ("Was Cookies sind", "Cookies sind kleine Textdateien. Viele Seiten nutzen sie.", ONE),
            id="cookies",
        ),
        pytest.param(
            (
                ONE,
                "„Mit Klick auf OK erkläre ich mich einverstanden“, steht dort. Das ist laut Urteil unwirksam.",
            ),
            id="quoted-consent",
        ),
        pytest.param(
            (ONE, "Kommentare werden in vielen Foren gelöscht, ohne dass jemand davon erfährt."),
            id="comments",
        ),
        pytest.param(("Systemadministrator (m/w/d)", ONE, TWO), id="job-advert-itself"),
        pytest.param(
            (ONE, "Google News und Patreon haben ihre Regeln für deutsche Verlage im Juni geändert."),
            id="names",
        ),
        pytest.param(("Das Ja", "Ja.", "Ja.", ONE), id="short-repetitions"),
        pytest.param((ONE, "3. Juni 1990 war ein Sonntag."), id="date-is-no-item"),
        pytest.param(
            ("Datenschutz", f"Die Datenschutzerklärung muss das nennen. {ONE}", "Facebook", TWO),
            id="headings",
        ),
    ],
)
def test_articles_about_such_things_survive(paragraphs: tuple[str, ...]) -> None:
    assert kept(page(*paragraphs)) == list(paragraphs)


def test_a_headline_or_caption_that_comes_twice_is_kept_once() -> None:
    assert kept(page("Ein langer Titel", "Ein langer Titel", ONE)) == ["Ein langer Titel", ONE]
    caption = "Zwei Allianzen treten an. So sieht ihr Plan aus."
    text = page(ONE, f"{caption}(Bild:  KI)\n{caption}\n(Bild: KI)", TWO)
    assert kept(text) == [ONE, caption, "(Bild:  KI)", TWO]


@pytest.mark.parametrize("markdown", [True, False])
@pytest.mark.parametrize(
    ("line", "cited"),
    [
        ("*Foto: Ein Werk in Dresden.*", ["Foto: Ein Werk in Dresden."]),
        ("**_Foto: Ein Werk in Dresden._**", ["Foto: Ein Werk in Dresden."]),
        ("*Bild: Ein Werk in Dresden. (Foto: dpa)*", ["Bild: Ein Werk in Dresden.", "(Foto: dpa)"]),
        ("*Bild: Ein Werk in Dresden.* (Foto: dpa)", ["Bild: Ein Werk in Dresden.", "(Foto: dpa)"]),
        ("*Nach einem Bericht von Anna Muster.*", ["Nach einem Bericht von Anna Muster."]),
        ("*Drei* Werke stehen in *Dresden*.", ["*Drei* Werke stehen in *Dresden*."]),
        ("*Drei* und *vier*", ["*Drei* und *vier*"]),
        ("Drei Werke stehen in *Dresden*", ["Drei Werke stehen in *Dresden*"]),
        ("*Fußnote ohne Ende", ["*Fußnote ohne Ende"]),
        ("*(Foto: dpa)", ["*(Foto: dpa)"]),
        ("__init__", ["__init__"]),
        ("* * *", []),
    ],
)
def test_marks_that_emphasise_a_whole_line_are_not_cited(line: str, cited: list[str], markdown: bool) -> None:
    assert kept(page(ONE, line, TWO), markdown=markdown) == [ONE, *cited, TWO]


def test_kinds() -> None:
    text = page(
        "Titel",
        f"{ONE}",
        "Ein Foto der Messe\nBildnachweis: Muster",
        "- eins\n• zwei",
        "Was nun?",
        "Abschnitt",
    )
    kinds = [(block.kind, block.level) for block in citable(text, of_text(text, markdown=False))]
    items = [("list_item", 0)] * 2
    assert kinds == [
        ("heading", 1),
        ("paragraph", 0),
        *[("caption", 0)] * 2,
        *items,
        ("paragraph", 0),
        ("heading", 2),
    ]


def test_markdown() -> None:
    text = page(
        "---\ntitle: A\n---",
        "# Titel #",
        "![Ein Chip](a.png)\n*Foto: Muster*",
        f"{ONE}\n{TWO}",
        "<!-- Unsichtbares -->",
        "> Zitat\n> weiter",
        "```\n# kein Titel\n```",
        "Setext\n------",
        "* eins\n  weiter\n* zwei",
        "***",
        "#### Tief\nText.",
    )
    blocks = citable(text, of_text(text, markdown=True))
    assert [(block.kind, text[block.start : block.end]) for block in blocks] == [
        ("heading", "Titel"),
        ("caption", "Ein Chip"),
        ("caption", "Foto: Muster"),
        ("paragraph", f"{ONE}\n{TWO}"),
        ("paragraph", "Zitat\n> weiter"),
        ("code", "# kein Titel"),
        ("heading", "Setext"),
        ("list_item", "eins\n  weiter"),
        ("list_item", "zwei"),
        ("heading", "Tief"),
        ("paragraph", "Text."),
    ]
    assert [block.level for block in blocks if block.kind == "heading"] == [1, 2, 4]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_text_wrapped_by_hand_is_joined(newline: str) -> None:
    lines = [
        "Die Regierung hat einen Entwurf vorgelegt, der die Förderung von",
        "Halbleiterwerken regelt, wie sie",
        "sagt.",
    ]
    text = newline.join(lines)
    assert kept(text) == [text]
    assert kept(newline.join(["Eine Zeile.", "Noch eine."])) == ["Eine Zeile.", "Noch eine."]


ODD = st.sampled_from('\r\n\t \x0b\x0c\x85\u2028\u2029\u200b\ufeff\u0308🎉.!?„“"()[]#-*>_=`|~<1aÄß')
LINES = st.sampled_from(
    ["\n", "\n\n", "# ", "- ", "```\n", "---\n", "<!--", "-->", "Newsletter abonnieren\n\n", ONE, "(ID:1234)"]
)


@given(st.lists(st.one_of(ODD, LINES, st.characters(exclude_categories=["Cs"])), max_size=40), st.booleans())
def test_blocks_are_ordered_and_trimmed(pieces: list[str], markdown: bool) -> None:
    text = "".join(pieces)
    position = 0
    for block in citable(text, of_text(text, markdown=markdown)):
        assert position <= block.start < block.end <= len(text)
        content = text[block.start : block.end]
        assert content == content.strip()
        assert (block.kind == "heading") == (block.level > 0)
        position = block.end


@given(
    st.lists(
        st.sampled_from(["Ein Satz, der etwas sagt.", "Noch einer!", "Warum?", ONE, TWO]),
        min_size=1,
        unique=True,
    )
)
def test_ordinary_prose_is_kept_whole(sentences: list[str]) -> None:
    for markdown in (False, True):
        assert " ".join(kept(page(*sentences), markdown=markdown)) == " ".join(sentences)


@pytest.mark.skipif(not ARTICLES.exists(), reason="the shared articles are not here")
def test_the_shared_articles() -> None:
    texts = [file.read_bytes().decode() for file in sorted(ARTICLES.glob("*.txt"))]
    citable_text = "\n".join("\n".join(kept(text)) for text in texts)
    for marker in (
        "Newsletter",
        "Einwilligung",
        "Datenschutz",
        "m/w/d",
        "Stellenangebote",
        "Kommentar",
        "E-Mail",
        "Patreon",
        "RSS",
        "Google News",
        "StepStone",
        "Lesedauer",
        "Anbieter zum",
        "(ID:",
        "Quelle &",
        "Aufklappen",
        "BOLTWISE®",
        "Weitere Informationen",
        "Bestsellerautor",
        "moderiert",
    ):
        assert marker not in citable_text, marker
    for fact in (
        "rund 60 Firmen",
        "Zhao Lidong",
        "Aufhebung des Lieferstopps",
        "Martin Lau",
        "Randakteur",
        "560 Millionen US-Dollar",
        "4 Milliarden Yuan",
        "CloudMatrix 384",
        "910C vor",
        "Howard Lutnick",
        "KI-Landschaft",
        "6 US-Dollar pro Stunde",
        "bis 2027",
        "7-nm-Chipproduktion",
        "FP8-Format",
        "Co. schmieden",
    ):
        assert fact in citable_text, fact
    assert citable_text.count("560 Millionen US-Dollar") == 1
    assert len(citable_text) > 0.7 * sum(map(len, texts))


@pytest.mark.skipif(not GNAD.exists(), reason="the shared evaluation sets are not here")
def test_clean_articles_stay_whole() -> None:
    for line in GNAD.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        assert sum(map(len, kept(text))) == len(text.strip())
