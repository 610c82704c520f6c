"""
The budget of a question: how much of it, and of what was said before it, is read, searched for and shown the model.

All that comes from outside is bounded at the door (`rag.query.condense.condense`, `rag.query.filters.read_filter`,
`rag.RAG`), which Python, the shell and the browser all go through, and once more before the prompt (`rag.prompts`),
which also holds what is made of the question. `docs/limits.md` prints these.
"""

from __future__ import annotations

from index.limits import LONGEST_WORD, Limit

# At the door.
LONGEST_QUESTION = 1000
HIGHEST_LONGEST_QUESTION = 10_000
HISTORY_TURNS = 3
LATEST_TURNS = 6
LONGEST_EARLIER_ANSWER = 4000
LONGEST_FILTER = 1000
MOST_PASSAGES = 100
# What is made of it.
STANDALONE_QUESTIONS = 2
MOST_NAMED = 8
LONGEST_REWRITTEN = 300
MOST_MEANT = 6
MOST_PARTS = 3
MOST_COMPARED = 100
LONGEST_SENTENCE = 2000
LONGEST_DRAFT = 2000
MOST_UNREAD = 40
LONGEST_UNREAD = 500
MOST_DOUBLES = 20
# Of what is checked afterwards.
LONGEST_RECEIPT = 20_000_000
MOST_RECEIPT_ITEMS = 1000
LONGEST_CALIBRATION = 100_000
# Of what an assistant is given.
MOST_FOUND = 50
MOST_LISTED = 500
MOST_AROUND = 20_000
MOST_NEAREST = 5
LONGEST_RESOURCE = 1_000_000
# Of what is fetched when somebody adds it.
MOST_ADDRESSES = 100
MOST_FEED_ENTRIES = 200
LARGEST_FEED = 10_000_000
LARGEST_ROBOTS = 512_000
MOST_REDIRECTS = 5
LONGEST_FETCH = 120
LONGEST_DELAY = 60
# Before the prompt.
PROMPT_QUESTION = STANDALONE_QUESTIONS * HIGHEST_LONGEST_QUESTION
PROMPT_QUESTION_AGAIN = 600
PROMPT_EARLIER_QUESTION = 500
PROMPT_EARLIER_ANSWER = 300
PROMPT_TEXT = 20_000

DOOR: tuple[Limit, ...] = (
    Limit(
        "LONGEST_QUESTION",
        LONGEST_QUESTION,
        "characters",
        "A question, unless `RAG_MAX_QUESTION_CHARS` is set; a longer question is refused.",
    ),
    Limit(
        "HIGHEST_LONGEST_QUESTION",
        HIGHEST_LONGEST_QUESTION,
        "characters",
        "The maximum value of `RAG_MAX_QUESTION_CHARS`.",
    ),
    Limit(
        "HISTORY_TURNS",
        HISTORY_TURNS,
        "turns",
        "Earlier questions with their answers; only the latest are used, and thanks and greetings are left out.",
    ),
    Limit("LATEST_TURNS", LATEST_TURNS, "turns", "The latest turns, from which these are taken."),
    Limit(
        "LONGEST_EARLIER_ANSWER",
        LONGEST_EARLIER_ANSWER,
        "characters",
        "An earlier answer; a longer answer is cut. An earlier question is cut at the length at which a question is refused.",
    ),
    Limit(
        "LONGEST_FILTER",
        LONGEST_FILTER,
        "characters",
        "The source that an answer is restricted to; a longer one is refused.",
    ),
    Limit(
        "MOST_PASSAGES",
        MOST_PASSAGES,
        "passages",
        "`k`, the passages from which evidence is selected; a higher number is refused.",
    ),
)
MADE: tuple[Limit, ...] = (
    Limit(
        "STANDALONE_QUESTIONS",
        STANDALONE_QUESTIONS,
        "questions",
        "Length of a follow-up completed from the conversation, as a multiple of the maximum length of a question.",
    ),
    Limit(
        "MOST_NAMED",
        MOST_NAMED,
        "names",
        f"Names from the last answer that are put before a follow-up, each of at most {LONGEST_WORD} characters.",
    ),
    Limit(
        "LONGEST_REWRITTEN",
        LONGEST_REWRITTEN,
        "characters",
        "A follow-up and the question that it refers to, if they are merged into one; longer ones are put one after the other.",
    ),
    Limit(
        "MOST_MEANT",
        MOST_MEANT,
        "questions",
        "Possible meanings of a follow-up, each of which is looked up in the sources.",
    ),
    Limit(
        "MOST_PARTS", MOST_PARTS, "questions", "Parts into which a question is split; if it has more, it is not split."
    ),
    Limit(
        "MOST_COMPARED",
        MOST_COMPARED,
        "words",
        "Different words of a question or a draft that are compared with the words of a sentence.",
    ),
    Limit(
        "LONGEST_SENTENCE",
        LONGEST_SENTENCE,
        "characters",
        "A sentence from which a single clause may be shown; a longer sentence is shown whole.",
    ),
    Limit("LONGEST_DRAFT", LONGEST_DRAFT, "characters", "The model's draft; the model is stopped there."),
    Limit(
        "MOST_UNREAD",
        MOST_UNREAD,
        "lines",
        "Notes on unread parts of the documents of an answer; the others are left out.",
    ),
    Limit("LONGEST_UNREAD", LONGEST_UNREAD, "characters", "Each of these lines; a longer line is cut."),
    Limit("MOST_DOUBLES", MOST_DOUBLES, "paths", "Other documents that a citation names; the others are left out."),
)
PROMPT: tuple[Limit, ...] = (
    Limit("PROMPT_QUESTION", PROMPT_QUESTION, "characters", "The question; a longer question is cut."),
    Limit(
        "PROMPT_QUESTION_AGAIN",
        PROMPT_QUESTION_AGAIN,
        "characters",
        "The question when an answer of several sentences is read a second time; a longer question is cut at its beginning.",
    ),
    Limit(
        "PROMPT_EARLIER_QUESTION",
        PROMPT_EARLIER_QUESTION,
        "characters",
        "The question before a follow-up; a longer question is cut at the end of a word.",
    ),
    Limit(
        "PROMPT_EARLIER_ANSWER",
        PROMPT_EARLIER_ANSWER,
        "characters",
        "The answer to that question; a longer answer is cut.",
    ),
    Limit(
        "PROMPT_TEXT",
        PROMPT_TEXT,
        "characters",
        "All sentences of the sources together, whatever `RAG_EVIDENCE_TOKENS` is; more text is cut.",
    ),
)
RECEIPT: tuple[Limit, ...] = (
    Limit(
        "LONGEST_RECEIPT",
        LONGEST_RECEIPT,
        "bytes",
        "An answer or a receipt that `rag verify` reads; a larger one is refused.",
    ),
    Limit(
        "MOST_RECEIPT_ITEMS",
        MOST_RECEIPT_ITEMS,
        "items",
        "Sentences, citations and pieces of evidence of such an answer, of each kind; an answer with more is refused.",
    ),
    Limit(
        "LONGEST_CALIBRATION",
        LONGEST_CALIBRATION,
        "bytes",
        "The calibration that `rag calibrate` stores beside the index; a larger file is not used.",
    ),
)
ASSISTANTS: tuple[Limit, ...] = (
    Limit("MOST_FOUND", MOST_FOUND, "passages", "Results of one search; a higher number is refused."),
    Limit("MOST_LISTED", MOST_LISTED, "articles", "Articles in one list; the others need another call."),
    Limit(
        "MOST_AROUND",
        MOST_AROUND,
        "characters",
        "Characters shown before and after the requested range; a higher number is refused.",
    ),
    Limit(
        "MOST_NEAREST", MOST_NEAREST, "sentences", "Nearest sentences, if there is no answer; the others are left out."
    ),
    Limit(
        "LONGEST_RESOURCE",
        LONGEST_RESOURCE,
        "characters",
        "A whole article, or a part of one; a longer article is refused, a longer part is cut.",
    ),
)
ADDING: tuple[Limit, ...] = (
    Limit("MOST_ADDRESSES", MOST_ADDRESSES, "addresses", "Addresses in one command; more are refused."),
    Limit(
        "MOST_FEED_ENTRIES",
        MOST_FEED_ENTRIES,
        "entries",
        "Entries of a feed, newest first; the maximum value of `--limit`.",
    ),
    Limit(
        "LARGEST_FEED",
        LARGEST_FEED,
        "bytes",
        "A feed; a larger feed is refused. For a page, the limit is that of a file.",
    ),
    Limit(
        "LARGEST_ROBOTS",
        LARGEST_ROBOTS,
        "bytes",
        "A host's `robots.txt`; if it is larger, nothing is fetched from this host.",
    ),
    Limit(
        "MOST_REDIRECTS",
        MOST_REDIRECTS,
        "redirects",
        "Redirects from one address; if there are more, the page is refused.",
    ),
    Limit(
        "LONGEST_FETCH",
        LONGEST_FETCH,
        "seconds",
        "One request, from the connection to the last byte; a longer one is stopped.",
    ),
    Limit(
        "LONGEST_DELAY",
        LONGEST_DELAY,
        "seconds",
        "Delay between two requests to one host; nothing is fetched if its `robots.txt` asks for more.",
    ),
)
