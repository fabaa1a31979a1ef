"""How large, how long, how fast: GPU-hours of training, memory, serving throughput. Formulas here, constants in the knowledge base."""
