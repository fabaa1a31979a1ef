"""Thin routes: each page is a function, a frozen view and a template."""
