"""What the app says, in German and in English."""

from __future__ import annotations

from dataclasses import dataclass, fields

MONTHS = {
    "de": (
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """Every text of the app in one language; the names say where each stands."""

    language: str
    tagline: str
    intro_title: str
    intro_text: str
    examples: str
    question_label: str
    question_placeholder: str
    ask: str
    stop: str
    clear: str
    evidence_title: str
    evidence_empty: str
    evidence_of: str
    nearest_title: str
    cited: str
    back: str
    article_open: str
    article_shortened: str
    quote_of: str
    searching: str
    writing: str
    stopped: str
    unsupported: str
    unsupported_hint: str
    extract: str
    abstained: str
    abstained_hint: str
    silent_on: str
    understood_as: str
    took: str
    found_after: str
    seconds: str
    error: str
    unexpected: str
    show_evidence: str


DE = Texts(
    language="de",
    tagline="Antworten aus Ihren Artikeln. Jeder Satz mit Beleg.",
    intro_title="Was möchten Sie wissen?",
    intro_text="Die Antwort stützt sich allein auf die Artikel dieser Sammlung. "
    "Ein Klick auf eine Ziffer zeigt die Stelle im Original.",
    examples="Zum Beispiel",
    question_label="Ihre Frage",
    question_placeholder="Frage an die Artikel …",
    ask="Fragen",
    stop="Anhalten",
    clear="Neu beginnen",
    evidence_title="Fundstellen",
    evidence_empty="Hier erscheinen die Sätze, auf die sich eine Antwort stützt.",
    evidence_of="zu",
    nearest_title="Nächstliegende Stellen",
    cited="belegt die Antwort",
    back="Zurück zu den Fundstellen",
    article_open="Im Artikel zeigen",
    article_shortened="Langer Text, hier gekürzt auf die Umgebung der Fundstellen.",
    quote_of="Beleg",
    searching="Die Artikel werden durchsucht …",
    writing="Antwort entsteht …",
    stopped="Angehalten. Was bis dahin geprüft war, bleibt stehen.",
    unsupported="nicht voll belegt",
    unsupported_hint="Die angegebene Stelle trägt diesen Satz nicht vollständig.",
    extract="Wörtlich aus der Quelle, nicht vom Sprachmodell formuliert.",
    abstained="Keine Antwort in den Quellen",
    abstained_hint="Die nächstliegenden Stellen stehen bei den Fundstellen.",
    silent_on="Dazu enthalten die Quellen nichts",
    understood_as="Verstanden als",
    took="Antwort nach",
    found_after="Fundstellen nach",
    seconds="s",
    error="Das ging nicht.",
    unexpected="Ein unerwarteter Fehler ist aufgetreten; Einzelheiten stehen im Protokoll des Programms.",
    show_evidence="Fundstellen zeigen",
)

EN = Texts(
    language="en",
    tagline="Answers from your articles. Every sentence with its source.",
    intro_title="What would you like to know?",
    intro_text="Answers rest on the articles of this collection alone. "
    "Click a number to see the passage in the original.",
    examples="For example",
    question_label="Your question",
    question_placeholder="Ask the articles …",
    ask="Ask",
    stop="Stop",
    clear="Start over",
    evidence_title="Evidence",
    evidence_empty="The sentences an answer rests on will appear here.",
    evidence_of="for",
    nearest_title="Nearest passages",
    cited="supports the answer",
    back="Back to the evidence",
    article_open="Show in the article",
    article_shortened="A long text, shortened here to the surroundings of the evidence.",
    quote_of="Source",
    searching="Searching the articles …",
    writing="Writing the answer …",
    stopped="Stopped. What had been checked by then remains.",
    unsupported="not fully supported",
    unsupported_hint="The passage given does not carry all of this sentence.",
    extract="Verbatim from the source, not worded by the language model.",
    abstained="No answer in the sources",
    abstained_hint="The nearest passages are listed with the evidence.",
    silent_on="The sources are silent on",
    understood_as="Understood as",
    took="Answered after",
    found_after="evidence after",
    seconds="s",
    error="That did not work.",
    unexpected="An unexpected error occurred; the program's log has the details.",
    show_evidence="Show evidence",
)


def texts_for(accept_language: str) -> Texts:
    """
    Choose the texts for a browser.

    Parameters
    ----------
    accept_language
        The request header of that name: languages in order of preference.

    Returns
    -------
    Texts
        German where the first language is German or nothing is said, else English.

    """
    first = accept_language.split(",", maxsplit=1)[0].strip().lower()
    return DE if not first or first == "*" or first.startswith("de") else EN


def translations(texts: Texts) -> dict[str, str]:
    """Return the texts by name, the way `gradio.I18n` takes them."""
    return {field.name: getattr(texts, field.name) for field in fields(texts)}


def format_date(date: str, language: str) -> str:
    """
    Write an ISO date the way a newspaper does.

    Parameters
    ----------
    date
        ``YYYY-MM-DD``; anything else comes back unchanged.
    language
        ``de`` or ``en``.

    Returns
    -------
    str
        ``3. Juni 2025`` or ``3 June 2025``.

    """
    year, _, rest = date.partition("-")
    month, _, day = rest.partition("-")
    if not (year.isdecimal() and month.isdecimal() and day.isdecimal() and 1 <= int(month) <= 12):
        return date
    name = MONTHS[language][int(month) - 1]
    return f"{int(day)}. {name} {year}" if language == "de" else f"{int(day)} {name} {year}"


def format_seconds(milliseconds: float, texts: Texts) -> str:
    """Write a duration in seconds with one decimal, at least 0.1, with the language's decimal sign."""
    number = f"{max(milliseconds / 1000, 0.1):.1f}"
    return f"{number.replace('.', ',') if texts.language == 'de' else number} {texts.seconds}"
