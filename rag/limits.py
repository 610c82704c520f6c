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
        "A question, where `RAG_MAX_QUESTION_CHARS` says nothing else; a longer one is refused.",
    ),
    Limit(
        "HIGHEST_LONGEST_QUESTION",
        HIGHEST_LONGEST_QUESTION,
        "characters",
        "The highest that `RAG_MAX_QUESTION_CHARS` can be.",
    ),
    Limit(
        "HISTORY_TURNS",
        HISTORY_TURNS,
        "turns",
        "Earlier questions with their answers; the last ones count, thanks and greetings left out.",
    ),
    Limit("LATEST_TURNS", LATEST_TURNS, "turns", "The last ones that these are taken from."),
    Limit(
        "LONGEST_EARLIER_ANSWER",
        LONGEST_EARLIER_ANSWER,
        "characters",
        "An earlier answer; cut. An earlier question is cut where a question would be refused.",
    ),
    Limit("LONGEST_FILTER", LONGEST_FILTER, "characters", "The source that an answer is restricted to; refused."),
    Limit("MOST_PASSAGES", MOST_PASSAGES, "passages", "`k`, what evidence is picked from; more is refused."),
)
MADE: tuple[Limit, ...] = (
    Limit(
        "STANDALONE_QUESTIONS",
        STANDALONE_QUESTIONS,
        "questions",
        "A follow-up made to stand alone is so many times as long as a question may be, however long the history.",
    ),
    Limit(
        "MOST_NAMED",
        MOST_NAMED,
        "names",
        f"Of the last answer, put before a follow-up, each of {LONGEST_WORD} characters at most.",
    ),
    Limit(
        "LONGEST_REWRITTEN",
        LONGEST_REWRITTEN,
        "characters",
        "A follow-up that is made one question, and the question it leans on; a longer one is left behind the other.",
    ),
    Limit("MOST_MEANT", MOST_MEANT, "questions", "That a follow-up may mean, and the sources are asked about."),
    Limit("MOST_PARTS", MOST_PARTS, "questions", "What one question is taken apart into; of more, it is left whole."),
    Limit(
        "MOST_COMPARED",
        MOST_COMPARED,
        "words",
        "Different words of a question or a draft that are compared with those of a sentence.",
    ),
    Limit(
        "LONGEST_SENTENCE",
        LONGEST_SENTENCE,
        "characters",
        "A sentence of which a clause may be shown alone; a longer one is shown whole.",
    ),
    Limit("LONGEST_DRAFT", LONGEST_DRAFT, "characters", "What the model writes; it is stopped."),
    Limit(
        "MOST_UNREAD", MOST_UNREAD, "lines", "What was not read of the documents of an answer; the others are left out."
    ),
    Limit("LONGEST_UNREAD", LONGEST_UNREAD, "characters", "Each of these lines; cut."),
    Limit("MOST_DOUBLES", MOST_DOUBLES, "paths", "Other documents that a citation names; the others are left out."),
)
PROMPT: tuple[Limit, ...] = (
    Limit("PROMPT_QUESTION", PROMPT_QUESTION, "characters", "The question; cut."),
    Limit(
        "PROMPT_QUESTION_AGAIN",
        PROMPT_QUESTION_AGAIN,
        "characters",
        "The question as it is read a second time, with an answer of several sentences; cut at its beginning.",
    ),
    Limit(
        "PROMPT_EARLIER_QUESTION",
        PROMPT_EARLIER_QUESTION,
        "characters",
        "The question before a follow-up; cut at the end of a word.",
    ),
    Limit("PROMPT_EARLIER_ANSWER", PROMPT_EARLIER_ANSWER, "characters", "The answer to it; cut."),
    Limit(
        "PROMPT_TEXT",
        PROMPT_TEXT,
        "characters",
        "The sources' sentences together, whatever `RAG_EVIDENCE_TOKENS` says; cut.",
    ),
)
RECEIPT: tuple[Limit, ...] = (
    Limit("LONGEST_RECEIPT", LONGEST_RECEIPT, "bytes", "An answer or a receipt that `rag verify` reads; refused."),
    Limit(
        "MOST_RECEIPT_ITEMS",
        MOST_RECEIPT_ITEMS,
        "items",
        "Sentences, citations and pieces of evidence of each such answer; refused.",
    ),
    Limit("LONGEST_CALIBRATION", LONGEST_CALIBRATION, "bytes", "What `rag calibrate` kept beside the index; not used."),
)
ASSISTANTS: tuple[Limit, ...] = (
    Limit("MOST_FOUND", MOST_FOUND, "passages", "Of one search; more is refused."),
    Limit("MOST_LISTED", MOST_LISTED, "articles", "Of one list; the rest is asked for again."),
    Limit("MOST_AROUND", MOST_AROUND, "characters", "Shown before and behind the characters asked for; refused."),
    Limit(
        "MOST_NEAREST", MOST_NEAREST, "sentences", "Nearest ones, where there is no answer; the others are left out."
    ),
    Limit(
        "LONGEST_RESOURCE", LONGEST_RESOURCE, "characters", "An article given whole, or a part of one; refused or cut."
    ),
)
ADDING: tuple[Limit, ...] = (
    Limit("MOST_ADDRESSES", MOST_ADDRESSES, "addresses", "Named at once; more are refused."),
    Limit("MOST_FEED_ENTRIES", MOST_FEED_ENTRIES, "entries", "Of a feed, newest first; the highest `--limit`."),
    Limit("LARGEST_FEED", LARGEST_FEED, "bytes", "A feed; refused. A page may be as large as a file that is read."),
    Limit("LARGEST_ROBOTS", LARGEST_ROBOTS, "bytes", "A host's `robots.txt`; nothing is fetched from the host then."),
    Limit("MOST_REDIRECTS", MOST_REDIRECTS, "redirects", "From one address on; refused."),
    Limit("LONGEST_FETCH", LONGEST_FETCH, "seconds", "One request from the connection to its last byte; broken off."),
    Limit(
        "LONGEST_DELAY",
        LONGEST_DELAY,
        "seconds",
        "Between two requests to one host; a host whose `robots.txt` wants longer is left alone.",
    ),
)
