"""Inversions, one kind a file, and the lattice that they share.  Nothing here decides whether to make a change."""
