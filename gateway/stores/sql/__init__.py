"""SQL as data files: each opens with what it is for; :mod:`gateway.stores.ledger_schema` loads them."""
