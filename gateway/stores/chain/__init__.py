"""The egress's hash chain: files, heads, anchors."""
