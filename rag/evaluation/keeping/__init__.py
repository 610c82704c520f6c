"""Keep a language model's replies, so that an evaluation asks it only what may get another reply."""
