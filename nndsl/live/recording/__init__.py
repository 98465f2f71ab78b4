"""What instruments see while a network trains."""
