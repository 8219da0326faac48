"""The spool: writer and reader."""
