"""The tables of the store, and the number of their format."""

FORMAT = 4

# AUTOINCREMENT: an id, once given, is never used again, so a stale derived file cannot point to
# another passage by accident.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, text TEXT NOT NULL, sha256 TEXT NOT NULL,
    encoding TEXT NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, date TEXT NOT NULL, language TEXT NOT NULL,
    pages TEXT NOT NULL, blocks TEXT NOT NULL, about TEXT NOT NULL, text_digest TEXT NOT NULL, vector_digest TEXT NOT NULL,
    title_vector BLOB NOT NULL
);
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, headings TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX chunks_document ON chunks(document_id);
CREATE TABLE sentences (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    chunk_id INTEGER NOT NULL REFERENCES chunks(id) ON DELETE CASCADE,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX sentences_chunk ON sentences(chunk_id);
"""
