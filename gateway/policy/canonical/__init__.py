"""Each part of a policy in three forms: as written, as what decides reads it, as the data that is hashed and kept.

One file a part: ``from_document`` takes the block of a checked document (short forms written out, prices looked up),
``to_canonical`` gives plain data and ``from_canonical`` takes it back: what goes in comes out. The bytes of this data
name a policy, so a key that is new is left out where it is at its default.
"""
