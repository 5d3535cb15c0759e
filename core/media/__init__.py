"""Videos and pictures on their way in: decoded once, hashed, compared, listed in the library. Labels do not belong here."""
