"""Where is something wrong, and what may have happened there: one fault kind a file.  Nothing here repairs."""
