"""The compiler for agents, in the Model Context Protocol."""
