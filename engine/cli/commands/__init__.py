"""The commands of `stepgrad`: one in each module, of the same name, imported when it is called."""
