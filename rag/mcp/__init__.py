"""
The articles for assistants, over the Model Context Protocol.

`forms` says what can be asked and what comes back, `tools` does it, `server` speaks the protocol, `stdio` runs it in a
process of its own. Nothing here writes. The protocol's library is imported by the last two only.
"""
