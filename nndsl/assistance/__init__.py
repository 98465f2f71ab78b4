"""What an editor asks of a page while it is written: shapes, names, completions, an outline.

All of it comes from the text and from what `analysis` and the vocabulary know. Places are offsets
in the text; no protocol is known here, so that a server, a page in the browser and a tool for
agents ask the same questions.
"""
