"""The names of all commands, in groups, and a few words on each."""

GROUPS = {  # two commands on each line of `nndsl --help`
    "write": {
        "new": "begin a spec",
        "check": "say all that is wrong",
        "fmt": "lay specs out",
        "explain": "say what a code means",
        "list": "show all words",
        "diff": "say how two specs differ",
        "convert": "translate to JSON",
        "schema": "print its JSON Schema",
        "lsp": "serve an editor",
    },
    "see": {
        "summary": "show layers and shapes",
        "graph": "draw the network",
        "trace": "follow one batch",
        "show": "print a compiler stage",
        "picture": "draw what it learnt",
        "play": "see it all in a browser",
    },
    "script": {
        "build": "write the script",
        "gradcheck": "prove its gradients",
    },
    "train": {
        "run": "train and keep results",
        "evaluate": "judge saved weights",
        "predict": "answer new examples",
        "sample": "go on with a text",
        "compare": "train all variants",
        "search": "find the best values",
    },
    "teach": {
        "handout": "explain every line",
        "exercise": "leave blanks to fill",
        "grade": "give points, and say why",
        "hunt": "plant mistakes to find",
        "mutate": "plant a single one",
    },
    "tools": {
        "completion": "for bash, zsh and fish",
        "mcp": "serve an agent",
    },
}
COMMANDS = [name for group in GROUPS.values() for name in group]
