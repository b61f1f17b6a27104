"""From objects to bytes: encoding, names, bundles."""
