"""Policy files and their reload."""
