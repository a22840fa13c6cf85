"""Arrays in, arrays out: precision, status codes, NaN-safe primitives, symmetric matrices."""
