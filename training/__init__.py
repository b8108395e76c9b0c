"""Train the demo adapter: gold files → TechGPT's own prompts and answers → LoRA → adapter with its card."""
