"""The web page; the only room that imports gradio."""
