"""Corpora, fine-tuning, calibration and model cards for expertstance: ``expertstance train CONFIG``."""
