"""Policy: YAML in, snapshot out, decisions from facts. Pure: no clock, no file, no chance."""
