"""How much the gateway costs on the way of a request, as ratios against the same upstream without it."""
