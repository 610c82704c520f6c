"""
How much the app takes from those who can reach it: requests, connections, questions, conversations, uploads.

What is longer is refused in one line, or cut where that loses nothing. Who asks, by whom these are counted, says
`ui.server.asking`. `docs/limits.md` prints these.
"""

from __future__ import annotations

from index.limits import Limit

# Requests.
LONGEST_BODY = 8_000_000
LONGEST_QUESTION_BODY = 1_000_000
LONGEST_SMALL_BODY = 20_000
BODIES_AT_ONCE = 64_000_000
BODIES_PER_ADDRESS = 16_000_000
LONGEST_PATH = 300
LONGEST_PROGRAM_PATH = 1200
LONGEST_NAME = 64
MOST_VALUES = 20
LONGEST_NUMBER = 16
REQUESTS_PER_MINUTE = 1200
QUESTIONS_PER_MINUTE = 30
# A household or an office may share one address, so an address may ask more than a page.
PAGES_PER_ADDRESS = 20
MOST_KEYS = 10_000
# Connections.
MOST_CONNECTIONS = 600
CONNECTIONS_PER_ADDRESS = 200
SECONDS_TO_SEND = 30
SLOWEST_BYTES_PER_SECOND = 20_000
# Passwords.
FREE_GUESSES = 3
FREE_GUESSES_OF_ALL = 30
LONGEST_WAIT = 4
HELD_PER_ADDRESS = 8
HELD_AT_ONCE = 200
MOST_COMPARED = 20
SECONDS_PER_GUESS = 10
# Conversations.
MOST_TURNS = 200
MOST_SENTENCES = 200
MOST_CITATIONS = 100
MOST_PER_SENTENCE = 20
MOST_EVIDENCE = 100
MOST_SPANS = 500
LONGEST_TEXT = 20_000
LONGEST_PLACE = 1000
LONGEST_RESTORED = 8_000_000
RESTORED_TIMES = 6
SHORTEST_RESTORED = 200_000
# Programs.
MOST_MESSAGES = 1000
MOST_PARTS_OF_A_MESSAGE = 100
MOST_INPUTS = 2048
EMBEDDED_AT_ONCE = 16
EMBEDDERS = 2
# Uploads.
UPLOADS_AT_ONCE = 16
PART_BYTES = 1_000_000
SECONDS_IDLE = 300
SECONDS_TO_FINISH = 1800

LIMITS: tuple[Limit, ...] = (
    Limit(
        "LONGEST_BODY",
        LONGEST_BODY,
        "bytes",
        "A request, such as one that restores a conversation; a larger one is refused.",
    ),
    Limit(
        "LONGEST_QUESTION_BODY", LONGEST_QUESTION_BODY, "bytes", "A request with a question; a larger one is refused."
    ),
    Limit(
        "LONGEST_SMALL_BODY",
        LONGEST_SMALL_BODY,
        "bytes",
        "A request that only stops something; a larger one is refused.",
    ),
    Limit(
        "BODIES_AT_ONCE",
        BODIES_AT_ONCE,
        "bytes",
        "All requests that are being received, together; further ones are told to wait.",
    ),
    Limit("BODIES_PER_ADDRESS", BODIES_PER_ADDRESS, "bytes", "The same for one address."),
    Limit("LONGEST_PATH", LONGEST_PATH, "characters", "The path in a URL of the app; a longer path is refused."),
    Limit(
        "LONGEST_PROGRAM_PATH",
        LONGEST_PROGRAM_PATH,
        "characters",
        "The same for URLs for programs, which may end in the path of an article.",
    ),
    Limit("LONGEST_NAME", LONGEST_NAME, "characters", "The name of a session or an event; a longer name is refused."),
    Limit("MOST_VALUES", MOST_VALUES, "values", "Values sent with one question; a request with more is refused."),
    Limit("LONGEST_NUMBER", LONGEST_NUMBER, "digits", "A whole number in a request; a longer number is refused."),
    Limit(
        "REQUESTS_PER_MINUTE",
        REQUESTS_PER_MINUTE,
        "requests",
        "Requests from one address that change or ask something, load the page, or come from a program.",
    ),
    Limit(
        "QUESTIONS_PER_MINUTE",
        QUESTIONS_PER_MINUTE,
        "questions",
        "Questions from one page in the long run, unless `RAG_UI_QUESTIONS_PER_MINUTE` is set.",
    ),
    Limit(
        "PAGES_PER_ADDRESS",
        PAGES_PER_ADDRESS,
        "pages",
        "One address may ask as many questions as this number of pages.",
    ),
    Limit(
        "MOST_KEYS",
        MOST_KEYS,
        "addresses",
        "Addresses that are tracked; the least recently seen ones are forgotten first.",
    ),
    Limit(
        "MOST_CONNECTIONS",
        MOST_CONNECTIONS,
        "connections",
        "Open connections; a further one replaces one that has not sent its request yet, or is closed if there is none.",
    ),
    Limit(
        "CONNECTIONS_PER_ADDRESS",
        CONNECTIONS_PER_ADDRESS,
        "connections",
        "The same for one address, unless it is a proxy named with `--forwarded-from`.",
    ),
    Limit(
        "SECONDS_TO_SEND",
        SECONDS_TO_SEND,
        "s",
        "Time to send the headers of a request, and again for its body; then the connection is closed.",
    ),
    Limit(
        "SLOWEST_BYTES_PER_SECOND",
        SLOWEST_BYTES_PER_SECOND,
        "bytes",
        "Each time this many bytes of a request have arrived, it gets one more second.",
    ),
    Limit("FREE_GUESSES", FREE_GUESSES, "guesses", "Wrong passwords from one address before the next ones must wait."),
    Limit(
        "FREE_GUESSES_OF_ALL",
        FREE_GUESSES_OF_ALL,
        "guesses",
        "Wrong passwords from all addresses together before the next wrong ones must wait, whatever their address.",
    ),
    Limit(
        "LONGEST_WAIT",
        LONGEST_WAIT,
        "s",
        "Delay of the answer to a wrong password. The correct password is never delayed.",
    ),
    Limit(
        "HELD_PER_ADDRESS",
        HELD_PER_ADDRESS,
        "guesses",
        "Wrong passwords from one address that wait at the same time; further ones are told when to try again.",
    ),
    Limit("HELD_AT_ONCE", HELD_AT_ONCE, "guesses", "The same for all addresses together."),
    Limit(
        "MOST_COMPARED",
        MOST_COMPARED,
        "passwords",
        "Users' passwords that wait to be checked, those after many wrong ones last; further ones are told to try again.",
    ),
    Limit("SECONDS_PER_GUESS", SECONDS_PER_GUESS, "s", "Time after which one wrong password is forgotten."),
    Limit(
        "MOST_TURNS",
        MOST_TURNS,
        "questions",
        "Questions of a conversation that is restored; a longer conversation is refused.",
    ),
    Limit("MOST_SENTENCES", MOST_SENTENCES, "sentences", "Sentences of one answer; an answer with more is refused."),
    Limit("MOST_CITATIONS", MOST_CITATIONS, "citations", "Citations of one answer; an answer with more is refused."),
    Limit(
        "MOST_PER_SENTENCE",
        MOST_PER_SENTENCE,
        "citations",
        "Citations of one sentence; an answer with more is refused.",
    ),
    Limit("MOST_EVIDENCE", MOST_EVIDENCE, "sentences", "Evidence of one answer; an answer with more is refused."),
    Limit(
        "MOST_SPANS",
        MOST_SPANS,
        "ranges",
        "Ranges marked in an article, or articles named in a request; a request with more is refused.",
    ),
    Limit(
        "LONGEST_TEXT",
        LONGEST_TEXT,
        "characters",
        "A question, an answer or a quote that a page sends; a longer one is refused.",
    ),
    Limit(
        "LONGEST_PLACE", LONGEST_PLACE, "characters", "The path of an article in a request; a longer path is refused."
    ),
    Limit(
        "LONGEST_RESTORED",
        LONGEST_RESTORED,
        "characters",
        "A restored conversation that is sent back; if it is longer, the earliest questions are shown without answers.",
    ),
    Limit(
        "RESTORED_TIMES",
        RESTORED_TIMES,
        "times",
        "The same as a multiple of the length that was received. An ordinary conversation needs three times its length.",
    ),
    Limit("SHORTEST_RESTORED", SHORTEST_RESTORED, "characters", "Length that is allowed in addition to this multiple."),
    Limit(
        "MOST_MESSAGES",
        MOST_MESSAGES,
        "messages",
        "Messages of a chat over the OpenAI protocol; a chat with more is refused.",
    ),
    Limit(
        "MOST_PARTS_OF_A_MESSAGE",
        MOST_PARTS_OF_A_MESSAGE,
        "parts",
        "Parts of one such message; a message with more is refused.",
    ),
    Limit("MOST_INPUTS", MOST_INPUTS, "texts", "Texts to embed in one request; a request with more is refused."),
    Limit(
        "EMBEDDED_AT_ONCE",
        EMBEDDED_AT_ONCE,
        "texts",
        "Texts embedded in one step; other requests have their turn between two steps.",
    ),
    Limit(
        "EMBEDDERS",
        EMBEDDERS,
        "requests",
        "Requests embedded at the same time, each from a different sender; others wait.",
    ),
    Limit(
        "UPLOADS_AT_ONCE",
        UPLOADS_AT_ONCE,
        "files",
        "Files that are being sent at the same time; a further one is told to wait.",
    ),
    Limit("PART_BYTES", PART_BYTES, "bytes", "A part of a file; a larger part is refused, and so is an empty one."),
    Limit("SECONDS_IDLE", SECONDS_IDLE, "s", "Time without a further part of a file; the file is then discarded."),
    Limit("SECONDS_TO_FINISH", SECONDS_TO_FINISH, "s", "Time for all parts of a file; the file is then discarded."),
)
