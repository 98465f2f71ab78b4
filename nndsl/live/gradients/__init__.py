"""Proof of the gradients: the text of a script, held to the derivative of its own loss."""
