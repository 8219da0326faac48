"""The way out of the edge: straight to local servers, through the egress to vendors."""
