"""The browse lists, `/enterprises` to `/sources`: what is listed, what is chosen, pages and files."""
