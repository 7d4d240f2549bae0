"""The rules that a draft must meet, a module for each concern; `cableroom.cable.check` asks them all."""
