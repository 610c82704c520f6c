"""
Serve the articles to assistants, over the Model Context Protocol.

`forms` defines arguments and results, `tools` answers the calls, `server` speaks the protocol, `stdio` runs it in a
process of its own. Nothing here writes. Only the last two import the protocol's library.
"""
