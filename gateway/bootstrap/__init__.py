"""Composition roots, one a role: the only modules that name concrete adapters."""
