"""The first answer to a browser: the page, with its words in every language that there is."""

import json
from pathlib import Path

from nndsl.languages import ENGLISH, LANGUAGES, chosen_language, in_language, templates

PAGE = Path(__file__).parent / "page"
CONTEXT = "page"  # of these sentences in a catalogue
BEGIN = '<html lang="en">'
NO_SCRIPT = "This page needs JavaScript: it asks the compiler while you type."


def index() -> str:
    """Return the page, which begins in the language that is chosen."""
    words = {}
    for language in LANGUAGES:
        with in_language(language):
            if language != ENGLISH:
                words[language] = templates(CONTEXT)
    data = json.dumps(words, ensure_ascii=False).replace("<", "\\u003c")
    said = templates(CONTEXT).get(NO_SCRIPT, NO_SCRIPT)
    text = (PAGE / "index.html").read_text("utf-8").replace(NO_SCRIPT, said)
    text = text.replace(BEGIN, BEGIN.replace(ENGLISH, chosen_language()))
    return text.replace(
        "</head>", f'<script type="application/json" id="words">{data}</script>\n</head>'
    )
