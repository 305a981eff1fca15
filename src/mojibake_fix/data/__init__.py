"""Built artefacts, each with its hash and its provenance in its header."""
