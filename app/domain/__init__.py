"""The rules of the Consent Migration: pure, standard library only, no clock of their own, no input or output."""
