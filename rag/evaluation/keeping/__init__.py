"""What a language model has said is kept, so that an evaluation asks it only what can have another answer."""
