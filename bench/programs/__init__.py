"""Programs that train the network of specs/digits.nn until its validation accuracy is reached."""
