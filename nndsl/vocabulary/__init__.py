"""The words of the language: one file a word, in a folder for each kind."""
