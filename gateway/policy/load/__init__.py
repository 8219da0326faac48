"""YAML in, snapshot out."""
