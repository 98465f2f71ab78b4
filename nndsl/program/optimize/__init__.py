"""Passes that make a training step faster: each takes statements and returns statements.

None knows a word of the vocabulary. What a pass does not understand it leaves as it stands.
"""
