"""What both kinds of adapted layers have in common: the layers, the model that they are of, and how they are learnt."""
