"""What pages of strangers may name and open, and how long they may take: for `play` and `mcp`."""
