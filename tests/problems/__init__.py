"""Problems as data: `classic` (recorded with Minuit2) and `physics` (realistic fits with seeded data)."""
