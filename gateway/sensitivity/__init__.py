"""From the text of a request to its label: walk everything that is sent, detect, join. Findings never hold text."""
