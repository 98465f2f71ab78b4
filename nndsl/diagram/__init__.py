"""The computational graph as a picture: of a network, or of a formula."""
