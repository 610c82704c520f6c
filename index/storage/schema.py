"""The tables of the store, and their format number."""

FORMAT = 6
EARLIER = frozenset({"4", "5"})
"""Formats that had a table of sentences, and vectors in single precision."""
READABLE = EARLIER | {str(FORMAT)}
"""Formats whose documents, passages and vectors can be reused."""
VECTOR = "<f2"
"""NumPy type of stored vectors. Half precision moves a cosine by some hundred-thousandths, as processors do, too."""

# AUTOINCREMENT: an id, once given, is never used again, so a stale derived file cannot point to
# another passage by accident. The documents in `removed` are those of earlier segments that no longer count.
# Large values come last in each row, so that reading the others skips them. The vectors of a passage's sentences are
# one value: there are many, and each would otherwise take a row, and room on its page.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL, title TEXT NOT NULL,
    text_digest TEXT NOT NULL, vector_digest TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL,
    language TEXT NOT NULL, encoding TEXT NOT NULL, pages TEXT NOT NULL, blocks TEXT NOT NULL, about TEXT NOT NULL,
    text TEXT NOT NULL, title_vector BLOB NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, headings TEXT NOT NULL, sentences TEXT NOT NULL,
    vector BLOB NOT NULL, sentence_vectors BLOB NOT NULL
);
CREATE INDEX chunks_document ON chunks(document_id);
CREATE TABLE removed (document_id INTEGER PRIMARY KEY);
"""

INSERT_CHUNK = """
INSERT INTO chunks (id, document_id, start, "end", headings, sentences, vector, sentence_vectors)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
INSERT_DOCUMENT = """
INSERT INTO documents (id, path, text, sha256, encoding, title, source, date, language, pages, blocks, about, text_digest,
    vector_digest, title_vector) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
DIGESTS = "SELECT id, text_digest, vector_digest FROM documents ORDER BY id"
SIZES = """
SELECT (SELECT count(*) FROM chunks), coalesce((SELECT length(title_vector) / 2 FROM documents LIMIT 1), 0)
"""
# Copy all but some documents, with their ids, from another store that is attached.
ABSORB = (
    "INSERT INTO main.documents SELECT * FROM earlier.documents WHERE id NOT IN temp.gone ORDER BY id",
    "INSERT INTO main.chunks SELECT * FROM earlier.chunks WHERE document_id IN (SELECT id FROM main.documents) ORDER BY id",
    "INSERT OR IGNORE INTO main.removed SELECT document_id FROM earlier.removed",
)
