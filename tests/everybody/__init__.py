"""Everybody: those who see little, use no mouse, have an old machine or a narrow screen."""
