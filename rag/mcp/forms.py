"""Arguments and results of the tools: the models that the protocol's schemas are made from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rag.kinds.types import Kind  # noqa: TC001 - pydantic reads it when the program runs
from rag.limits import LONGEST_FILTER, MOST_AROUND, MOST_FOUND, MOST_LISTED
from rag.types.answers import Role, Verdict, Wording  # noqa: TC001

_Place = Annotated[int, Field(ge=0)]
_Name = Annotated[str, Field(max_length=LONGEST_FILTER)]


class Arguments(BaseModel):
    """What a tool is called with. Nothing is converted: a number in quotation marks is a text."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Restricted(Arguments):
    """What is asked of some articles only."""

    source: _Name = Field(default="", description="Only articles of this publication.")
    since: _Name = Field(default="", description="Only articles dated on or after this day, YYYY-MM-DD.")
    until: _Name = Field(default="", description="Only articles dated on or before this day, YYYY-MM-DD.")

    @property
    def filter(self) -> dict[str, str]:
        """The same in the form that `rag.RAG` takes."""
        return {"source": self.source, "since": self.since, "until": self.until}


class Asked(Restricted):
    """What is asked of one collection of articles or of several."""

    collection: _Name = Field(
        default="articles",
        description="`articles`, the name of a collection, several of them separated by commas, or `all`. `list_articles` "
        "lists the names.",
    )


class AskArguments(Asked):
    """Arguments of the tool `ask`."""

    question: str = Field(description="One question in German or English that can be understood without context.")
    kind: Kind | None = Field(default=None, description="What is asked for; detected if not given.")
    strictness: float | None = Field(
        default=None, ge=0, le=1, description="How likely it must be that there is an answer; 0 always answers."
    )


class SearchArguments(Asked):
    """Arguments of the tool `search`."""

    query: str = Field(description="Words or a question to search for.")
    k: int = Field(default=5, ge=1, le=MOST_FOUND, description="Number of passages.")


class ReadArguments(Arguments):
    """Arguments of the tool `read`."""

    path: str = Field(description="Path of the article, as the other tools return it.")
    start: _Place = Field(default=0, description="First character to show, such as the start of a citation.")
    end: _Place | None = Field(
        default=None, description="Position after the last character to show, such as the end of a citation."
    )
    around: int = Field(
        default=1000,
        ge=0,
        le=MOST_AROUND,
        description="Number of characters to show before `start` and after `end` as well.",
    )


class ListArguments(Restricted):
    """Arguments of the tool `list_articles`."""

    collection: _Name = Field(default="articles", description="`articles`, or the name of a collection.")
    offset: _Place = Field(default=0, description="Number of articles to skip; the `next` of the previous list.")
    limit: int = Field(default=100, ge=1, le=MOST_LISTED, description="Maximum number of articles to list.")


class Result(BaseModel):
    """What a tool returns. Names are those of the program's other JSON."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Cited(Result):
    """The exact characters of an article: `quote` is its text from `start` to `end`, counted in code points."""

    path: str
    start: int
    end: int
    quote: str
    title: str
    page: int | None = None
    page_label: str | None = None
    machine_read: bool = Field(
        default=False, description="Whether the text was recognised in a picture and may be wrong."
    )
    document_sha256: str
    also_in: list[str] = Field(default=[], description="Other articles with the same words.")


class Said(Result):
    """A sentence of an answer. `citations` are positions in the list of citations, from 0."""

    text: str
    status: Verdict
    wording: Wording = Field(description="source: the article's own words; model: a translation, not checked.")
    role: Role
    citations: list[int]


class Near(Result):
    """A sentence of an article that is similar to the question."""

    path: str
    start: int
    end: int
    text: str
    score: float


class Answered(Result):
    """An answer in the articles' own sentences."""

    question: str
    standalone_question: str
    kind: Kind
    answer: str
    abstained: bool = Field(
        description="Whether the articles do not contain the answer; `evidence` then has the nearest sentences."
    )
    language: str
    confidence: float | None = Field(default=None, description="Probability that the answer is right, if it is known.")
    sentences: list[Said]
    citations: list[Cited]
    evidence: list[Near] = Field(description="The nearest sentences if there is no answer; otherwise empty.")
    unanswered: list[str] = Field(description="Parts of the question that the articles do not answer.")
    following: list[str] = Field(description="Suggested next questions.")


class Passage(Result):
    """A passage of an article, with its place and a score for how well it matches, from 0 to 1."""

    path: str
    start: int
    end: int
    text: str
    title: str
    score: float
    also_in: list[str]


class Found(Result):
    """The results of a search, best first."""

    hits: list[Passage]


class Excerpt(Result):
    """A part of an article: `text` is its text from `start` to `end`; the whole text has `length` characters."""

    path: str
    title: str
    source: str
    date: str
    page: int | None = Field(description="Page that contains `start`, if the article has pages.")
    start: int
    end: int
    length: int
    text: str


class Article(Result):
    """An article, without its text."""

    path: str
    title: str
    source: str
    date: str
    language: str
    uri: str


class Articles(Result):
    """A part of the list of articles, sorted by path."""

    total: int = Field(description="Number of matching articles.")
    articles: list[Article]
    next: int | None = Field(description="`offset` for the next part of the list; null at the end.")
    collections: list[str] = Field(default=[], description="Names of the other collections.")
