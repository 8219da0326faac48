"""Many patterns over one text in one pass, in linear time: Hyperscan, or RE2 where it has no wheel."""
