"""Around a minimum: Hesse, the search for crossings, Minos."""
