"""Pictures and labels into a workspace and out of it: folders, zips, and the lookup tables that `core.lookup_tables` reads."""
