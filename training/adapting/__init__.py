"""What both kinds of adapted layers share: the layers, the model they belong to, and the training steps."""
