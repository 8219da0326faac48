"""What a store of session labels holds under any of some keys."""

from gateway.pipeline.session import merged


async def found(store, team, keys):
    """Return the labels of all keys together, one part a kind, sorted."""
    each = await store.find(team, keys)
    assert len(each) == len(keys)
    return merged([part for parts in each for part in parts or ()])
