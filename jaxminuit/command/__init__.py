"""The command language of Minuit 94.1: decks of commands, their print-out, and the routines that programs call."""
