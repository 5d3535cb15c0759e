"""Who acts, and what they may do: everybody on their own computer, and by role on a class server."""
