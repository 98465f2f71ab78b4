"""Proof of a whole script: what it does, held to what the words of its page say."""
