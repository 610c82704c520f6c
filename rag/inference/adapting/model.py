"""The default language model as its configuration describes it (`Qwen/Qwen2.5-Coder-1.5B-Instruct`)."""

LAYERS = 28
ADAPTED = range(11, 14)
"""The layers that are adapted to read, counted from 0."""

WRITING = range(14, 28)
"""The layers that can be switched to write out what a follow-up asks."""

WIDTH = 1536
HEADS, KEY_HEADS, PER_HEAD = 12, 2, 128
"""Number of query heads, number of heads of keys and values, and the width of one head."""

THETA = 1e6
"""The base of the wavelengths that encode a token's position."""

SMALLEST = 1e-6
"""What is added to a mean of squares before its square root is taken."""
