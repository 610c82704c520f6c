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
    Limit("LONGEST_BODY", LONGEST_BODY, "bytes", "A request, such as a conversation to restore; refused."),
    Limit("LONGEST_QUESTION_BODY", LONGEST_QUESTION_BODY, "bytes", "A request with a question; refused."),
    Limit("LONGEST_SMALL_BODY", LONGEST_SMALL_BODY, "bytes", "A request that only stops something; refused."),
    Limit("BODIES_AT_ONCE", BODIES_AT_ONCE, "bytes", "All requests on their way in together; more are told to wait."),
    Limit("BODIES_PER_ADDRESS", BODIES_PER_ADDRESS, "bytes", "The same from one address."),
    Limit("LONGEST_PATH", LONGEST_PATH, "characters", "The path of an address of the app; refused."),
    Limit(
        "LONGEST_PROGRAM_PATH",
        LONGEST_PROGRAM_PATH,
        "characters",
        "The same of one for programs, which may end in the path of an article; refused.",
    ),
    Limit("LONGEST_NAME", LONGEST_NAME, "characters", "The name of a session or of an event; refused."),
    Limit("MOST_VALUES", MOST_VALUES, "values", "What goes along with one question; refused."),
    Limit("LONGEST_NUMBER", LONGEST_NUMBER, "digits", "A whole number in a request; refused."),
    Limit(
        "REQUESTS_PER_MINUTE",
        REQUESTS_PER_MINUTE,
        "requests",
        "From one address that change or ask something, load the page, or come from a program.",
    ),
    Limit(
        "QUESTIONS_PER_MINUTE",
        QUESTIONS_PER_MINUTE,
        "questions",
        "From one page in the long run, where `RAG_UI_QUESTIONS_PER_MINUTE` says nothing else.",
    ),
    Limit("PAGES_PER_ADDRESS", PAGES_PER_ADDRESS, "pages", "An address may ask as much as so many pages."),
    Limit("MOST_KEYS", MOST_KEYS, "addresses", "That are counted; those seen longest ago are forgotten first."),
    Limit(
        "MOST_CONNECTIONS",
        MOST_CONNECTIONS,
        "connections",
        "Open at once; for a further one, one that has still to send its request is closed, else itself.",
    ),
    Limit(
        "CONNECTIONS_PER_ADDRESS",
        CONNECTIONS_PER_ADDRESS,
        "connections",
        "The same from one address, unless it is a proxy named with `--forwarded-from`.",
    ),
    Limit("SECONDS_TO_SEND", SECONDS_TO_SEND, "s", "For the headers of a request, and for its body; then closed."),
    Limit(
        "SLOWEST_BYTES_PER_SECOND",
        SLOWEST_BYTES_PER_SECOND,
        "bytes",
        "Each so many bytes that have come of a request give it one second more.",
    ),
    Limit("FREE_GUESSES", FREE_GUESSES, "guesses", "Wrong passwords from an address before the next ones wait."),
    Limit(
        "FREE_GUESSES_OF_ALL",
        FREE_GUESSES_OF_ALL,
        "guesses",
        "Wrong passwords from all addresses together before the next wrong ones wait, wherever they come from.",
    ),
    Limit("LONGEST_WAIT", LONGEST_WAIT, "s", "A wrong password waits for its answer. The right one never waits."),
    Limit(
        "HELD_PER_ADDRESS",
        HELD_PER_ADDRESS,
        "guesses",
        "Wrong passwords of one address that wait at once; further ones are told when to come back.",
    ),
    Limit("HELD_AT_ONCE", HELD_AT_ONCE, "guesses", "The same of all addresses together."),
    Limit(
        "MOST_COMPARED",
        MOST_COMPARED,
        "passwords",
        "Of users, that wait to be compared, those before whom most were wrong last; further ones are told to come back.",
    ),
    Limit("SECONDS_PER_GUESS", SECONDS_PER_GUESS, "s", "After so long, one wrong password is forgotten."),
    Limit("MOST_TURNS", MOST_TURNS, "questions", "A conversation that is restored; refused."),
    Limit("MOST_SENTENCES", MOST_SENTENCES, "sentences", "Of one answer; refused."),
    Limit("MOST_CITATIONS", MOST_CITATIONS, "citations", "Of one answer; refused."),
    Limit("MOST_PER_SENTENCE", MOST_PER_SENTENCE, "citations", "Of one sentence; refused."),
    Limit("MOST_EVIDENCE", MOST_EVIDENCE, "sentences", "Evidence of one answer; refused."),
    Limit("MOST_SPANS", MOST_SPANS, "ranges", "Marked in an article, and articles named in a request; refused."),
    Limit("LONGEST_TEXT", LONGEST_TEXT, "characters", "A question, an answer or a quote that a page sends; refused."),
    Limit("LONGEST_PLACE", LONGEST_PLACE, "characters", "The path of an article in a request; refused."),
    Limit(
        "LONGEST_RESTORED",
        LONGEST_RESTORED,
        "characters",
        "A restored conversation as it is sent back; the first questions beyond it are shown without their answers.",
    ),
    Limit(
        "RESTORED_TIMES",
        RESTORED_TIMES,
        "times",
        "As long as it came, such a conversation is sent back; those beyond it as above. An ordinary one takes three.",
    ),
    Limit("SHORTEST_RESTORED", SHORTEST_RESTORED, "characters", "That it may have whatever came."),
    Limit("MOST_MESSAGES", MOST_MESSAGES, "messages", "Of a chat over the OpenAI protocol; refused."),
    Limit("MOST_PARTS_OF_A_MESSAGE", MOST_PARTS_OF_A_MESSAGE, "parts", "Of one such message; refused."),
    Limit("MOST_INPUTS", MOST_INPUTS, "texts", "To be embedded with one request; refused."),
    Limit("EMBEDDED_AT_ONCE", EMBEDDED_AT_ONCE, "texts", "Of these in one go; between two others have their turn."),
    Limit("EMBEDDERS", EMBEDDERS, "requests", "That are embedded at once, each of another sender; others wait."),
    Limit("UPLOADS_AT_ONCE", UPLOADS_AT_ONCE, "files", "On their way at once; a further one is told to wait."),
    Limit("PART_BYTES", PART_BYTES, "bytes", "A part of a file; refused. So is an empty one."),
    Limit("SECONDS_IDLE", SECONDS_IDLE, "s", "Without a part of a file on its way; it is then forgotten."),
    Limit("SECONDS_TO_FINISH", SECONDS_TO_FINISH, "s", "For all parts of a file; it is then forgotten."),
)
