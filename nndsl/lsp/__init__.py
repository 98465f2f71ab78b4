"""The language server: what `assistance` knows, in the Language Server Protocol."""
