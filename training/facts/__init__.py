"""The reader of single facts learns from the bundles: facts in a person's own words, and near misses."""
