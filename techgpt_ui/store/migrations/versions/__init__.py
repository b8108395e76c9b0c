"""One file for each change of the tables, in the order of their numbers; a file that was released never changes."""
